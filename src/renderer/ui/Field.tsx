import type { TFunction } from 'i18next';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldIssue } from '../state/compile';
import { useWorkbench } from '../state/workbench';

/** What stands under a field that cannot be used as it is. */
export function IssueText({ issue, id }: { issue: FieldIssue; id: string }) {
  const { t } = useTranslation();
  const { message, cure } = issueWords(t, issue);
  return (
    <p className="issue" id={id} role="alert">
      {message} {cure && <span className="cure">{cure}</span>}
    </p>
  );
}

/** An issue and its cure in the interface's language; the engine's own words where it answered. */
export function issueWords(t: TFunction, issue: FieldIssue): { message: string; cure: string | undefined } {
  if (issue.message !== undefined) return { message: issue.message, cure: issue.cure };
  return {
    message: t(`errors.${issue.key}.message`, issue.values),
    cure: t(`errors.${issue.key}.cure`, issue.values),
  };
}

interface TextFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  issue?: FieldIssue | null;
  /** Draft path: the field can be brought into view, and undo belongs to the experiment. */
  path?: string;
  hint?: string | undefined;
  suffix?: string;
  placeholder?: string;
  numeric?: boolean;
  /** The label is for screen readers only. */
  hideLabel?: boolean;
  multiline?: boolean;
  disabled?: boolean;
  onEnter?(): void;
  children?: ReactNode;
}

/** A labelled input; what was typed stays as it is, right or wrong. */
export function TextField({
  label,
  value,
  onChange,
  issue = null,
  path,
  hint,
  suffix,
  placeholder,
  numeric = false,
  hideLabel = false,
  multiline = false,
  disabled = false,
  onEnter,
  children,
}: TextFieldProps) {
  const id = useId();
  const ref = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useFocusRequest(path, ref);
  const common = {
    id,
    ref,
    value,
    disabled,
    placeholder,
    spellCheck: false,
    autoComplete: 'off',
    'data-history': path === undefined ? undefined : '',
    'aria-invalid': issue !== null,
    'aria-describedby': issue ? `${id}-issue` : hint ? `${id}-hint` : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === 'Enter' && onEnter) {
        event.preventDefault();
        onEnter();
      }
    },
  };
  return (
    <div className={`field ${issue ? 'invalid' : ''}`}>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      <div className="input">
        {multiline ? (
          <textarea rows={2} {...common} />
        ) : (
          <input
            type="text"
            inputMode={numeric ? 'decimal' : 'text'}
            className={numeric ? 'numeric' : ''}
            {...common}
          />
        )}
        {suffix && <span className="suffix">{suffix}</span>}
        {children}
      </div>
      {issue ? (
        <IssueText issue={issue} id={`${id}-issue`} />
      ) : (
        hint && (
          <p className="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

/** Brings the element into view and focuses it when the workbench asks for its field. */
export function useFocusRequest(path: string | undefined, ref: React.RefObject<HTMLElement | null>): void {
  const focus = useWorkbench((state) => state.focus);
  const seen = useRef(focus?.count ?? 0);
  useEffect(() => {
    if (!focus || focus.path !== path || focus.count === seen.current) return;
    seen.current = focus.count;
    ref.current?.scrollIntoView({ block: 'center' });
    ref.current?.focus();
  }, [focus, path, ref]);
}
