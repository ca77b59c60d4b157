import { Activity } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Spectrum } from '../../../shared/model/landscape';
import { curvatureIssues, measureCurvature, setCurvature, useCurvature } from '../../state/curvature';
import { useJobs } from '../../state/jobs';
import { announce } from '../../state/notices';
import { isRunning, selectedRun, useRuns } from '../../state/runs';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { formatInteger, formatNumber, formatSeconds } from '../../ui/format';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { Notices } from '../Notices';
import { ProgressCard } from '../stage/ProgressCards';
import { useSelectionText } from '../useSelectionText';
import { StemPlot } from './StemPlot';

/** Hessian eigenvalues with their residuals, and what the point they were measured at is. */
export function CurvatureSection() {
  const { t } = useTranslation();
  const run = useRuns(selectedRun);
  const { top, bottom, at, busy, spectra } = useCurvature();
  const job = useJobs(({ jobs }) => jobs.find(({ label }) => label === 'lanczos') ?? null);
  const kindText = useKindText();
  if (!run) return null;
  const issues = curvatureIssues({ top, bottom });
  const issueOf = (path: string) => issues.find((issue) => issue.path === path) ?? null;
  const spectrum = spectra[run.runId];
  const measure = async () => {
    const result = await measureCurvature();
    if (result) announce(kindText(result));
  };
  return (
    <Section title={t('curvature.title')}>
      <Segmented
        label={t('curvature.at')}
        value={at}
        options={[
          { value: 'final', label: t('curvature.final') },
          { value: 'playhead', label: t('curvature.playhead') },
        ]}
        onChange={(value) => setCurvature({ at: value })}
      />
      <div className="curvature-form">
        <TextField
          numeric
          label={t('curvature.top')}
          value={top}
          issue={issueOf('top')}
          onChange={(value) => setCurvature({ top: value })}
          onEnter={() => void measure()}
        />
        <TextField
          numeric
          label={t('curvature.bottom')}
          value={bottom}
          issue={issueOf('bottom')}
          onChange={(value) => setCurvature({ bottom: value })}
          onEnter={() => void measure()}
        />
        <Button icon={Activity} disabled={busy || issues.length > 0 || isRunning(run)} onClick={() => void measure()}>
          {t('curvature.measure')}
        </Button>
      </div>
      {isRunning(run) && <p className="hint">{t('curvature.whileTraining')}</p>}
      {busy && job && <ProgressCard job={job} />}
      <Notices place="curvature" />
      {spectrum ? (
        <SpectrumView spectrum={spectrum} text={kindText(spectrum)} />
      ) : (
        !busy && <p className="hint">{t('curvature.empty')}</p>
      )}
    </Section>
  );
}

function SpectrumView({ spectrum, text }: { spectrum: Spectrum; text: string }) {
  const { t } = useTranslation();
  const selectionText = useSelectionText();
  const facts: [string, string][] = [
    [t('curvature.step'), formatInteger(spectrum.step)],
    [t('curvature.gradientNorm'), formatNumber(spectrum.gradientNorm)],
    ['gᵀg', formatNumber(spectrum.gradientSquared)],
    ['gᵀHg', formatNumber(spectrum.gradientHessianGradient)],
    [t('curvature.condition'), formatNumber(spectrum.conditionNumber)],
    [t('curvature.iterations'), formatInteger(spectrum.iterations)],
  ];
  return (
    <div className="spectrum">
      <p className="kind" data-kind={spectrum.kind}>
        {text}
      </p>
      <StemPlot top={spectrum.eigenvalues} bottom={spectrum.bottom} />
      <dl className="fact-grid">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">
        {t('curvature.tolerances', {
          gradient: formatNumber(spectrum.tolerances.gradient, 2),
          eigenvalue: formatNumber(spectrum.tolerances.eigenvalue, 2),
        })}{' '}
        {t('curvature.computedBy', { executor: spectrum.executor, time: formatSeconds(spectrum.seconds) })}
        {spectrum.executorSelection && (
          <span className="executor-reason">{selectionText(spectrum.executorSelection)}</span>
        )}
      </p>
    </div>
  );
}

/** What the point is called. */
function useKindText(): (spectrum: Spectrum) => string {
  const { t } = useTranslation();
  return ({ kind, index, gradientNorm }) => {
    if (kind === 'notCritical') return t('kind.notCritical', { norm: formatNumber(gradientNorm, 3) });
    if (kind === 'saddle') return t('kind.saddle', { index: index === null ? '?' : formatInteger(index) });
    return t(`kind.${kind}`);
  };
}
