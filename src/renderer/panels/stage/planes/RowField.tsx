import { useTranslation } from 'react-i18next';
import type { FieldIssue } from '../../../state/compile';
import type { RowChoice } from '../../../state/planeChoice';
import { useTimeline } from '../../../state/timeline';
import { TextField } from '../../../ui/Field';
import { formatInteger } from '../../../ui/format';
import { Select } from '../../../ui/Select';

interface RowFieldProps<T extends RowChoice> {
  label: string;
  value: T;
  /** Recorded rows of the run it is a row of. */
  rows: number;
  issue: FieldIssue | null;
  /** A choice, to be used at once. */
  onChoose(value: T): void;
  /** A number being typed, to be used with Enter. */
  onType(value: T): void;
  onEnter(): void;
}

/** A recorded row: the end, the first one, the one at the playhead, or one that is typed. */
export function RowField<T extends RowChoice>({
  label,
  value,
  rows,
  issue,
  onChoose,
  onType,
  onEnter,
}: RowFieldProps<T>) {
  const { t } = useTranslation();
  const playhead = Math.max(
    Math.min(
      useTimeline((state) => state.readout),
      rows - 1,
    ),
    0,
  );
  return (
    <div className="row-field" data-typed={value.at === 'row'}>
      <Select
        label={label}
        value={value.at}
        options={[
          { value: 'end', label: t('plane.row.end') },
          { value: 'first', label: t('plane.row.first') },
          { value: 'playhead', label: t('plane.row.playhead', { row: formatInteger(playhead) }) },
          { value: 'row', label: t('plane.row.row') },
        ]}
        issue={value.at === 'row' ? null : issue}
        onChange={(at) =>
          onChoose(at === 'playhead' ? { ...value, at: 'row', row: String(playhead) } : { ...value, at })
        }
      />
      {value.at === 'row' && (
        <TextField
          numeric
          label={t('plane.row.number', { last: formatInteger(Math.max(rows - 1, 0)) })}
          value={value.row}
          issue={issue}
          onChange={(row) => onType({ ...value, row })}
          onEnter={onEnter}
        />
      )}
    </div>
  );
}
