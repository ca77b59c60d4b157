import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';
import { releaseFocus } from './releaseFocus';
import { Tooltip } from './Tooltip';

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; icon?: LucideIcon; shortcut?: string; disabled?: boolean }[];
  onChange(value: T): void;
  /** Pictures only, with tooltips. */
  compact?: boolean;
  showLabel?: boolean;
}

/** One of a few, all in sight: radio buttons drawn as one strip (arrow keys move between them). */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  compact = false,
  showLabel = false,
}: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset className={`segmented-field ${compact ? 'compact' : ''}`}>
      <legend className={showLabel ? 'field-label' : 'visually-hidden'}>{label}</legend>
      <div className="segmented">
        {options.map(({ value: option, label: text, icon: Icon, shortcut, disabled = false }) => {
          const segment = (
            <label key={option} className={`segment ${option === value ? 'chosen' : ''} ${disabled ? 'disabled' : ''}`}>
              <input
                type="radio"
                className="visually-hidden"
                name={name}
                value={option}
                checked={option === value}
                disabled={disabled}
                onChange={() => onChange(option)}
                onFocus={releaseFocus}
              />
              {Icon && <Icon aria-hidden className="icon" />}
              <span className={compact ? 'visually-hidden' : ''}>{text}</span>
            </label>
          );
          return compact ? (
            <Tooltip key={option} text={text} shortcut={shortcut}>
              {segment}
            </Tooltip>
          ) : (
            <span key={option} className="segment-slot">
              {segment}
            </span>
          );
        })}
      </div>
    </fieldset>
  );
}
