import { Crosshair } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { type FoundCriticalPoint, type SearchStep, searchMethodSchema } from '../../../../shared/model/critical';
import {
  chooseFound,
  criticalIssues,
  loadSavedCritical,
  searchFromHere,
  searchStart,
  setCritical,
  shownPoint,
  useCritical,
} from '../../../state/critical';
import { useJobs } from '../../../state/jobs';
import { drawnPlaneRequest, useLandscape } from '../../../state/landscape';
import { announce } from '../../../state/notices';
import { isRunning, type RunView, trackOf, useRuns } from '../../../state/runs';
import { useSettings } from '../../../state/settings';
import { useTimeline } from '../../../state/timeline';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import { formatInteger, formatNumber } from '../../../ui/format';
import { LinePlot } from '../../../ui/LinePlot';
import { Segmented } from '../../../ui/Segmented';
import { Select } from '../../../ui/Select';
import { Switch } from '../../../ui/Switch';
import { Notices } from '../../Notices';
import { ProgressCard } from '../../stage/ProgressCards';
import { FoundPoint } from './FoundPoint';
import { useFoundText } from './useFoundText';

/** From a point of a run's path or plane to a critical point in full space. */
export function FullSpace({ run }: { run: RunView }) {
  const { t } = useTranslation();
  const { options, busy, live, found: all, shown, unreadable, pointed } = useCritical();
  const job = useJobs(({ jobs }) => jobs.find(({ label }) => label === 'criticalPoints') ?? null);
  const foundText = useFoundText();
  useTimeline((state) => state.readout);
  useLandscape((state) => state.plane);
  useRuns((state) => state.revision);
  const issues = criticalIssues(options);
  const issueOf = (name: string) => issues.find(({ path }) => path === name) ?? null;
  const from = searchStart(run, { options, pointed }, drawnPlaneRequest());
  const running = isRunning(run);
  const points = all[run.runId] ?? [];
  const point = shownPoint({ found: all, shown }, run.runId);
  useEffect(() => {
    if (!running) void loadSavedCritical(run.runId);
  }, [run.runId, running]);
  const startText = () => {
    if (from?.kind === 'row') {
      const step = trackOf(run.runId)?.metrics.step[from.row] ?? 0;
      return t('critical.startStep', { run: run.label, step: formatInteger(step) });
    }
    if (from?.kind === 'plane') return t('critical.startPlane', { x: formatNumber(from.x), y: formatNumber(from.y) });
    return t('critical.startNone');
  };
  const search = async () => {
    const point = await searchFromHere();
    if (point) announce(foundText(point));
  };
  const listText = (one: FoundCriticalPoint) =>
    [
      one.outcome === 'converged' ? foundText(one) : t('critical.kindName.notCritical'),
      formatNumber(one.loss, 4),
      one.step === null ? t('critical.fromPlane') : t('curvature.path.atStep', { step: formatInteger(one.step) }),
    ].join(' · ');
  return (
    <>
      <Segmented
        label={t('critical.from')}
        value={options.from}
        options={[
          { value: 'playhead', label: t('critical.fromPlayhead') },
          { value: 'pointed', label: t('critical.fromPointed') },
        ]}
        onChange={(value) => setCritical({ from: value })}
      />
      <p className="hint">{startText()}</p>
      <div className="field-row">
        <Select
          label={t('critical.method')}
          value={options.method}
          options={searchMethodSchema.options.map((value) => ({ value, label: t(`critical.methodName.${value}`) }))}
          onChange={(method) => setCritical({ method })}
        />
        <TextField
          numeric
          label={t('critical.tolerance')}
          value={options.tolerance}
          issue={issueOf('tolerance')}
          onChange={(tolerance) => setCritical({ tolerance })}
          onEnter={() => void search()}
        />
      </div>
      <details className="more-options">
        <summary>
          <span>{t('curvature.options')}</span>
          <span className="quiet">{t(`critical.methodHint.${options.method}`)}</span>
        </summary>
        <div className="more-body">
          <TextField
            numeric
            label={t('critical.maxIterations')}
            value={options.maxIterations}
            issue={issueOf('maxIterations')}
            onChange={(maxIterations) => setCritical({ maxIterations })}
            onEnter={() => void search()}
          />
          <Switch
            label={t('critical.descend')}
            checked={options.descend}
            onChange={(descend) => setCritical({ descend })}
          />
          <Switch
            label={t('critical.polish')}
            checked={options.polish}
            onChange={(polish) => setCritical({ polish })}
          />
        </div>
      </details>
      <Button icon={Crosshair} disabled={busy || running || !from || issues.length > 0} onClick={() => void search()}>
        {t('critical.search')}
      </Button>
      {running && <p className="hint">{t('curvature.whileTraining')}</p>}
      {busy && job && <ProgressCard job={job} />}
      <Notices place="critical" />
      {unreadable[run.runId]?.map(({ path, reason }) => (
        <p key={path} className="hint" role="note">
          {t('library.unreadable', { path, reason })}
        </p>
      ))}
      {live?.runId === run.runId ? (
        <GradientPlot steps={live.steps} tolerance={Number(options.tolerance)} />
      ) : point ? (
        <>
          {points.length > 1 && (
            <Select
              label={t('critical.shown')}
              value={point.foundAt}
              options={points.toReversed().map((one) => ({ value: one.foundAt, label: listText(one) }))}
              onChange={(foundAt) => void chooseFound(run.runId, foundAt)}
            />
          )}
          <FoundPoint point={point} name={run.info.experiment.name} />
          <GradientPlot steps={point.steps} tolerance={point.tolerance} />
        </>
      ) : (
        <p className="hint">{t('critical.emptySearch')}</p>
      )}
    </>
  );
}

/** ‖g‖ after every step of a search, and the tolerance it goes for. */
function GradientPlot({ steps, tolerance }: { steps: readonly SearchStep[]; tolerance: number }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const last = steps.at(-1);
  if (!last) return null;
  const text = ({ iteration, gradientNorm, loss }: SearchStep) =>
    t('critical.iteration', {
      iteration: formatInteger(iteration),
      norm: formatNumber(gradientNorm, 3),
      loss: formatNumber(loss),
    });
  return (
    <LinePlot
      label={t('critical.plot')}
      xLabel={t('critical.iterations')}
      yLabel="‖g‖"
      xs={steps.map(({ iteration }) => iteration)}
      lines={[
        {
          name: '‖g‖',
          color: theme === 'dark' ? '#63bff0' : '#1b7fb8',
          values: steps.map(({ gradientNorm }) => gradientNorm),
          marks: steps.length <= 60,
        },
        {
          name: t('critical.tolerance'),
          color: theme === 'dark' ? '#c9d0dd' : '#3b4150',
          values: steps.map(() => tolerance),
          dashed: true,
        },
      ]}
      log
      height={130}
      readout={(i) => (steps[i] ? text(steps[i]) : '')}
      hint={text(last)}
    />
  );
}
