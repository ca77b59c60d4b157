import { useTranslation } from 'react-i18next';
import { type CriterionKind, raceIssues, setRace, useRace } from '../../../state/race';
import { TextField } from '../../../ui/Field';
import { Segmented } from '../../../ui/Segmented';
import { Select } from '../../../ui/Select';
import { Switch } from '../../../ui/Switch';

const criteria = ['loss', 'validationLoss', 'stepsToTarget'] as const satisfies readonly CriterionKind[];

/** Whether the number of steps counts steps or evaluations. */
export function BudgetSwitch() {
  const { t } = useTranslation();
  const budget = useRace(({ options }) => options.budget);
  return (
    <Switch
      label={t('race.byEvaluations')}
      checked={budget === 'evaluations'}
      onChange={(checked) => setRace({ budget: checked ? 'evaluations' : 'steps' })}
    />
  );
}

/** Rates, seeds, criterion and budget of a race. */
export function RaceForm({ twoParameters, onRace }: { twoParameters: boolean; onRace(): void }) {
  const { t } = useTranslation();
  const options = useRace((state) => state.options);
  const issues = raceIssues(options, twoParameters);
  const field = (
    path:
      | 'lowest'
      | 'highest'
      | 'perDecade'
      | 'list'
      | 'tuningSeeds'
      | 'reportSeeds'
      | 'target'
      | 'steps'
      | 'startSpread',
    extra: { suffix?: string; placeholder?: string } = {},
  ) => (
    <TextField
      numeric={path !== 'list'}
      label={t(`race.field.${path}`)}
      value={options[path]}
      issue={issues.find((issue) => issue.path === path) ?? null}
      onChange={(value) => setRace({ [path]: value })}
      onEnter={onRace}
      {...extra}
    />
  );
  return (
    <div className="race-form">
      <Segmented
        showLabel
        label={t('race.rates')}
        value={options.rates}
        options={[
          { value: 'grid', label: t('race.grid') },
          { value: 'list', label: t('race.list') },
        ]}
        onChange={(rates) => setRace({ rates })}
      />
      {options.rates === 'grid' ? (
        <div className="field-row">
          {field('lowest')}
          {field('highest')}
          {field('perDecade')}
        </div>
      ) : (
        field('list')
      )}
      <div className="field-row">
        {field('tuningSeeds')}
        {field('reportSeeds')}
        {field('steps', { placeholder: t('race.asInForm') })}
      </div>
      <BudgetSwitch />
      <div className="field-row">
        <Select
          label={t('race.criterionLabel')}
          value={options.criterion}
          options={criteria
            // A function has no validation part.
            .filter((value) => !(twoParameters && value === 'validationLoss') || value === options.criterion)
            .map((value) => ({ value, label: t(`race.criterion.${value}`) }))}
          onChange={(criterion) => setRace({ criterion })}
        />
        {options.criterion === 'stepsToTarget' && field('target')}
        {twoParameters && field('startSpread', { suffix: '%' })}
      </div>
    </div>
  );
}
