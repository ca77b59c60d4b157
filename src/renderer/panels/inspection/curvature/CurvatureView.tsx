import type { TFunction } from 'i18next';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CurvatureComparison, Measurement, ResultOf, SavedCurvature } from '../../../../shared/model/curvature';
import type { CurvatureSubset } from '../../../../shared/model/landscape';
import {
  chooseResults,
  groupsOf,
  type LivePath,
  loadSavedCurvature,
  measureCurvature,
  setCurvature,
  useCurvature,
} from '../../../state/curvature';
import { exportCurvature } from '../../../state/curvatureExport';
import { useJobs } from '../../../state/jobs';
import { announce } from '../../../state/notices';
import { isRunning, type RunView } from '../../../state/runs';
import { seek } from '../../../state/timeline';
import { Button } from '../../../ui/Button';
import { formatInteger, formatNumber, formatSeconds } from '../../../ui/format';
import { Segmented } from '../../../ui/Segmented';
import { Select } from '../../../ui/Select';
import { Notices } from '../../Notices';
import { ProgressCard } from '../../stage/ProgressCards';
import { useSelectionText } from '../../useSelectionText';
import { CurvatureForm } from './CurvatureForm';
import { DensityView } from './DensityView';
import { LayersView } from './LayersView';
import { SharpnessView } from './SharpnessView';
import { SpectrumView } from './SpectrumView';
import { TraceView } from './TraceView';
import { useKindText } from './useKindText';

const measurements = ['spectrum', 'density', 'trace', 'layers', 'alongPath'] as const satisfies Measurement[];
const jobLabels: ReadonlySet<string> = new Set(['lanczos', 'density', 'trace', 'layers', 'sharpness']);

/** What to measure of a run's curvature, and what was measured of it. */
export function CurvatureView({ run, large }: { run: RunView; large: boolean }) {
  const { t } = useTranslation();
  const { options, busy, live } = useCurvature();
  const { measurement } = options;
  const job = useJobs(({ jobs }) => jobs.find(({ label }) => jobLabels.has(label)) ?? null);
  const unreadable = useCurvature((state) => state.unreadable[run.runId]);
  const kindText = useKindText();
  const running = isRunning(run);
  useEffect(() => {
    if (!running) void loadSavedCurvature(run.runId);
  }, [run.runId, running]);
  const measure = async () => {
    const measured = await measureCurvature();
    if (measured) announce(outcomeText(measured));
  };
  const outcomeText = (measured: readonly SavedCurvature[]) => {
    const [first] = measured;
    return first?.measurement === 'spectrum' && first.result.matrix === 'hessian'
      ? kindText(first.result)
      : t('curvature.measured', { what: t(`curvature.measurement.${measurement}`) });
  };
  const following = busy && live?.runId === run.runId && measurement === 'alongPath' ? live : null;
  return (
    <>
      <Segmented
        label={t('curvature.what')}
        value={measurement}
        options={measurements.map((value) => ({ value, label: t(`curvature.measurement.${value}`) }))}
        onChange={(value) => setCurvature({ measurement: value })}
      />
      <CurvatureForm run={run} large={large} onMeasure={() => void measure()} />
      {running && <p className="hint">{t('curvature.whileTraining')}</p>}
      {busy && job && <ProgressCard job={job} />}
      <Notices place="curvature" />
      {unreadable?.map(({ path, reason }) => (
        <p key={path} className="hint" role="note">
          {t('library.unreadable', { path, reason })}
        </p>
      ))}
      <Results run={run} measurement={measurement} following={following} large={large} busy={busy} />
    </>
  );
}

interface ResultsProps {
  run: RunView;
  measurement: Measurement;
  following: LivePath | null;
  large: boolean;
  busy: boolean;
}

function Results({ run, measurement, following, large, busy }: ResultsProps) {
  const { t } = useTranslation();
  const selectionText = useSelectionText();
  const results = useCurvature((state) => state.results[run.runId]);
  const chosen = useCurvature((state) => state.chosen[measurement]);
  const groups = useMemo(() => groupsOf(results ?? [], measurement), [results, measurement]);
  const optimizer = run.info.experiment.optimizer;
  if (following) {
    return <SharpnessView paths={[following]} optimizer={optimizer} large={large} onPick={seek} />;
  }
  const group = groups.find(({ key }) => key === chosen) ?? groups[0];
  const first = group?.results[0];
  if (!group || !first) return busy ? null : <p className="hint">{t(`curvature.empty.${measurement}`)}</p>;
  const shown = { measurement, results: group.results } as CurvatureComparison;
  return (
    <>
      {groups.length > 1 && (
        <Select
          label={t('curvature.shown')}
          value={group.key}
          options={groups.flatMap(({ key, results: [result] }) =>
            result ? [{ value: key, label: groupText(result, t) }] : [],
          )}
          onChange={(key) => chooseResults(measurement, key)}
        />
      )}
      <ShownResults shown={shown} optimizer={optimizer} large={large} />
      <div className="provenance">
        <p className="hint">
          <span>
            {[groupText(first, t), t('curvature.seedNumber', { seed: formatInteger(first.seed) })].join(' · ')}
          </span>
          {group.results.map((result) => (
            <span key={result.matrix}>
              {group.results.length > 1 && `${t(`curvature.matrix.${result.matrix}`)}: `}
              {[
                result.executor,
                formatSeconds(result.seconds),
                ...('products' in result
                  ? [t('curvature.productCount', { count: result.products, shown: formatInteger(result.products) })]
                  : []),
              ].join(', ')}
              {result.executorSelection && (
                <span className="executor-reason">{selectionText(result.executorSelection)}</span>
              )}
            </span>
          ))}
        </p>
        <div className="export-buttons">
          {(['csv', 'json'] as const).map((format) => (
            <Button
              key={format}
              size="small"
              onClick={() =>
                void exportCurvature(shown, format, run.info.experiment.name).then((name) => {
                  if (name) announce(t('export.saved', { name }));
                })
              }
            >
              {t(`curvature.save.${format}`)}
            </Button>
          ))}
        </div>
      </div>
    </>
  );
}

interface ShownProps {
  shown: CurvatureComparison;
  optimizer: RunView['info']['experiment']['optimizer'];
  large: boolean;
}

/** Results side by side, each measurement in its own picture. */
export function ShownResults({ shown, optimizer, large }: ShownProps) {
  switch (shown.measurement) {
    case 'spectrum':
      return <SpectrumView spectra={shown.results} large={large} />;
    case 'density':
      return <DensityView densities={shown.results} large={large} />;
    case 'trace':
      return <TraceView traces={shown.results} large={large} />;
    case 'layers':
      return <LayersView measured={shown.results} />;
    case 'alongPath':
      return <SharpnessView paths={shown.results} optimizer={optimizer} large={large} onPick={seek} />;
    default:
      return shown satisfies never;
  }
}

type Translate = TFunction;

function groupText(result: ResultOf<Measurement>, t: Translate): string {
  const where =
    'every' in result
      ? t('curvature.everyRow', { every: formatInteger(result.every) })
      : t('curvature.path.atStep', { step: formatInteger(result.step) });
  return `${where} · ${subsetText(result.subset, result.samples, t)}`;
}

function subsetText(subset: CurvatureSubset, samples: number, t: Translate): string {
  if (samples === 0) return t('curvature.noExamples');
  switch (subset.kind) {
    case 'full':
      return t('curvature.allExamples', { count: samples, shown: formatInteger(samples) });
    case 'random':
      return t('curvature.someExamples', {
        count: samples,
        shown: formatInteger(samples),
        seed: formatNumber(subset.seed),
      });
    case 'batches':
      return t('curvature.minibatches', {
        count: subset.batches,
        shown: formatInteger(subset.batches),
        size: formatInteger(subset.batchSize),
      });
    default:
      return subset satisfies never;
  }
}
