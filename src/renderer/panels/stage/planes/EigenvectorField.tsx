import { useTranslation } from 'react-i18next';
import type { FieldIssue } from '../../../state/compile';
import type { EigenvectorText } from '../../../state/planeChoice';
import { TextField } from '../../../ui/Field';
import { Select } from '../../../ui/Select';

interface EigenvectorFieldProps {
  label: string;
  value: EigenvectorText;
  issue: FieldIssue | null;
  onChoose(value: EigenvectorText): void;
  onType(value: EigenvectorText): void;
  onEnter(): void;
}

/** Which eigenvector: counted from the largest or from the smallest eigenvalue. */
export function EigenvectorField({ label, value, issue, onChoose, onType, onEnter }: EigenvectorFieldProps) {
  const { t } = useTranslation();
  return (
    <div className="row-field" data-typed>
      <Select
        label={label}
        value={value.end}
        options={[
          { value: 'top', label: t('plane.eigenvector.top') },
          { value: 'bottom', label: t('plane.eigenvector.bottom') },
        ]}
        onChange={(end) => onChoose({ ...value, end })}
      />
      <TextField
        numeric
        label={t('plane.eigenvector.rank')}
        value={value.rank}
        issue={issue}
        onChange={(rank) => onType({ ...value, rank })}
        onEnter={onEnter}
      />
    </div>
  );
}
