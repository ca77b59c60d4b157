import { RotateCcw, Stethoscope } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { executorNames } from '../../../shared/model/experiment';
import { useCatalog } from '../../state/catalog';
import { openDialog } from '../../state/commands';
import { baseName, type Draft } from '../../state/draft';
import { edit, useFieldIssue } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { IssueText } from '../../ui/Field';
import { formatPercent } from '../../ui/format';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { DraftField } from './DraftField';

type Training = Draft['training'];
const withTraining = (draft: Draft, change: Partial<Training>): Draft => ({
  ...draft,
  training: { ...draft.training, ...change },
});

export function TrainingSection({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const info = useCatalog((state) => state.info);
  const { training } = draft;
  const network = draft.kind === 'network';
  const field = (name: 'batchSize' | 'steps' | 'gradientNorm' | 'patience' | 'evaluations' | 'recordEvery') => ({
    label: t(`training.${name}`),
    path: `training.${name}`,
    value: training[name],
    change: (current: Draft, value: string) => withTraining(current, { [name]: value }),
  });
  const described = (name: string) => info?.executors.find((e) => e.name === name)?.description ?? name;
  return (
    <Section title={t('training.title')}>
      {network && (
        <>
          <Segmented
            label={t('training.batch')}
            showLabel
            value={training.batch}
            options={[
              { value: 'full', label: t('training.full') },
              { value: 'mini', label: t('training.mini') },
            ]}
            onChange={(batch) => edit('training.batch', (current) => withTraining(current, { batch }))}
          />
          {training.batch === 'mini' && (
            <div className="field-row">
              <DraftField {...field('batchSize')} />
              <Select
                label={t('training.order')}
                value={training.order}
                options={[
                  { value: 'shuffled', label: t('training.shuffled') },
                  { value: 'file', label: t('training.fileOrder') },
                ]}
                onChange={(order) => edit('training.order', (current) => withTraining(current, { order }))}
              />
            </div>
          )}
        </>
      )}
      <div className="field-row">
        <DraftField {...field('steps')} />
        <DraftField
          label={t('training.seed')}
          path="seed"
          value={draft.seed}
          change={(current, seed) => ({ ...current, seed })}
        />
      </div>
      {network && training.curriculum && (
        <p className="hint">
          {t('training.curriculum', {
            percent: formatPercent(training.curriculum.share),
            steps: training.curriculum.steps,
          })}
        </p>
      )}
      {draft.start && <StartNote start={draft.start} />}
      <Section
        title={t('training.rules')}
        defaultOpen={false}
        summary={rulesSummary(training, t('training.stepsOnly'))}
      >
        <div className="field-row">
          <DraftField
            {...field('gradientNorm')}
            placeholder={t('training.off')}
            hint={t('training.gradientNormHint')}
          />
          {network && (
            <DraftField {...field('patience')} placeholder={t('training.off')} hint={t('training.patienceHint')} />
          )}
          <DraftField {...field('evaluations')} placeholder={t('training.off')} hint={t('training.evaluationsHint')} />
        </div>
        <DraftField {...field('recordEvery')} hint={t('training.recordEveryHint')} />
        <Select
          label={t('training.executor')}
          value={draft.executor}
          options={[
            { value: 'auto', label: t('training.auto') },
            ...executorNames.map((name) => ({ value: name, label: described(name) })),
          ]}
          onChange={(executor) => edit('executor', (current) => ({ ...current, executor }))}
        />
        <Button variant="ghost" size="small" icon={Stethoscope} onClick={() => openDialog('doctor')}>
          {t('doctor.open')}
        </Button>
      </Section>
    </Section>
  );
}

/** Where the weights come from, and the way back to initial ones. */
function StartNote({ start }: { start: NonNullable<Draft['start']> }) {
  const { t } = useTranslation();
  const issue = useFieldIssue('start');
  const id = useId();
  const where =
    start.kind === 'weights'
      ? t('training.startWeights', { path: baseName(start.path) })
      : t('training.startRun', { run: start.runId, row: start.row ?? t('training.lastRow') });
  return (
    <div className="start-note">
      <p className="hint">{where}</p>
      <Button size="small" icon={RotateCcw} onClick={() => edit('start', (current) => ({ ...current, start: null }))}>
        {t('training.startAfresh')}
      </Button>
      {issue && <IssueText issue={issue} id={id} />}
    </div>
  );
}

const rulesSummary = ({ gradientNorm, patience, evaluations }: Training, stepsOnly: string): string => {
  const rules = [
    gradientNorm && `‖g‖ ≤ ${gradientNorm}`,
    patience && `⏱ ${patience}`,
    evaluations && `∑ ${evaluations}`,
  ].filter(Boolean);
  return rules.length > 0 ? rules.join(', ') : stepsOnly;
};
