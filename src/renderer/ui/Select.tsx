import { ChevronDown } from 'lucide-react';
import { useId } from 'react';
import type { FieldIssue } from '../state/compile';
import { IssueText } from './Field';
import { releaseFocus } from './releaseFocus';

export interface Option<T extends string> {
  value: T;
  label: string;
  group?: string;
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange(value: T): void;
  issue?: FieldIssue | null;
  hideLabel?: boolean;
  disabled?: boolean;
  className?: string;
}

/** The platform's own select: its list needs no inline style, which the content security policy refuses. */
export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  issue = null,
  hideLabel = false,
  disabled = false,
  className = '',
}: SelectProps<T>) {
  const id = useId();
  const groups = [...new Set(options.map(({ group }) => group))];
  const known = options.some((option) => option.value === value);
  return (
    <div className={`field ${className} ${issue ? 'invalid' : ''}`}>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      <div className="select">
        <select
          id={id}
          value={value}
          disabled={disabled}
          aria-invalid={issue !== null}
          aria-describedby={issue ? `${id}-issue` : undefined}
          onChange={(event) => {
            onChange(event.target.value as T);
            releaseFocus(event);
          }}
        >
          {!known && <option value={value}>{value}</option>}
          {groups.map((group) => {
            const items = options.filter((option) => option.group === group);
            const list = items.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ));
            return group ? (
              <optgroup key={group} label={group}>
                {list}
              </optgroup>
            ) : (
              list
            );
          })}
        </select>
        <ChevronDown aria-hidden className="chevron" />
      </div>
      {issue && <IssueText issue={issue} id={`${id}-issue`} />}
    </div>
  );
}
