import { FileUp, X } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldIssue } from '../../../state/compile';
import { importDirection } from '../../../state/directionFiles';
import { baseName } from '../../../state/draft';
import { Button } from '../../../ui/Button';
import { IssueText } from '../../../ui/Field';

interface FileFieldProps {
  label: string;
  /** '' while none is chosen. */
  value: string;
  issue: FieldIssue | null;
  onChoose(path: string): void;
  /** Left out where a file is needed. */
  onRemove?(): void;
}

/** A direction of a file: which one, and a way to choose another. What is wrong with it stands beside it. */
export function FileField({ label, value, issue, onChoose, onRemove }: FileFieldProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState<FieldIssue | null>(null);
  const id = useId();
  const shown = refused ?? issue;
  const take = async (file: File) => {
    const taken = await importDirection(file);
    setRefused('issue' in taken ? { path: '', ...taken.issue } : null);
    if ('path' in taken) onChoose(taken.path);
  };
  return (
    <div className={`field file-field ${shown ? 'invalid' : ''}`}>
      <span className="field-label" id={`${id}-label`}>
        {label}
      </span>
      <div className="file-choice">
        <span className={value ? 'file-name' : 'file-name quiet'} title={value}>
          {value ? baseName(value) : t('plane.file.none')}
        </span>
        {value && onRemove && (
          <Button
            size="small"
            variant="ghost"
            icon={X}
            aria-label={t('plane.file.remove', { label })}
            onClick={() => {
              setRefused(null);
              onRemove();
            }}
          />
        )}
        <Button
          size="small"
          icon={FileUp}
          aria-describedby={shown ? `${id}-label ${id}-issue` : `${id}-label`}
          onClick={() => input.current?.click()}
        >
          {t('plane.file.choose')}
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          accept=".npy,.npz,.safetensors"
          aria-label={label}
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = '';
            if (chosen) void take(chosen);
          }}
        />
      </div>
      {shown && <IssueText issue={shown} id={`${id}-issue`} />}
    </div>
  );
}
