import { useTranslation } from 'react-i18next';
import type { FieldIssue } from '../../../state/compile';
import { stageRuns } from '../../../state/landscape';
import type { PointChoice } from '../../../state/planeChoice';
import { useRuns } from '../../../state/runs';
import { Select } from '../../../ui/Select';
import { RowField } from './RowField';

interface PointFieldProps {
  label: string;
  value: PointChoice;
  issue: FieldIssue | null;
  onChoose(value: PointChoice): void;
  onType(value: PointChoice): void;
  onEnter(): void;
}

/** A recorded point: which of the runs on the stage, where there are several, and which row. */
export function PointField({ label, value, issue, ...change }: PointFieldProps) {
  const { t } = useTranslation();
  const runs = useRuns((state) => state.runs);
  const several = runs.length > 1 || value.run > 0;
  return (
    <div className="point-field">
      {several && (
        <Select
          label={label}
          value={String(value.run)}
          options={runs.map(({ label: name }, i) => ({ value: String(i), label: name }))}
          onChange={(run) => change.onChoose({ ...value, run: Number(run) })}
        />
      )}
      <RowField
        label={several ? t('plane.row.label') : label}
        value={value}
        rows={stageRuns()[value.run]?.rows ?? 0}
        issue={issue}
        {...change}
      />
    </div>
  );
}
