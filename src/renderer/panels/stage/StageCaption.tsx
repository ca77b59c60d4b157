import { useTranslation } from 'react-i18next';
import { useLandscape } from '../../state/landscape';
import { formatInteger, formatNumber, formatPercent, formatSeconds } from '../../ui/format';

/** What is drawn, so that the picture can be judged: plane, share of the path, data, executor, time. */
export function StageCaption() {
  const { t } = useTranslation();
  const { plane, objective, result, live, surface, options, stale } = useLandscape();
  if (!plane || !surface) return null;
  const parts = [t(`plane.name.${objective?.kind === 'network' ? plane.spec.kind : 'whole'}`)];
  if (plane.explainedVarianceRatio) {
    const [first, second] = plane.explainedVarianceRatio;
    parts.push(t('stage.explained', { share: formatPercent(first + second), first: formatPercent(first) }));
  }
  if (Math.abs(plane.axisCosine) > 1e-6)
    parts.push(t('stage.axisCosine', { cosine: formatNumber(plane.axisCosine, 2) }));
  if (live) parts.push(t('stage.live'));
  if (result) {
    parts.push(`${formatInteger(result.xs.length)}×${formatInteger(result.ys.length)}`);
    if (result.examples > 0) {
      const key = result.subset.kind === 'full' ? 'stage.onAll' : 'stage.onSubset';
      parts.push(t(key, { examples: formatInteger(result.examples), split: t(`plane.split.${result.split}`) }));
    }
    if (result.masked > 0) parts.push(t('stage.masked', { count: result.masked }));
    parts.push(`${result.executor}, ${formatSeconds(result.seconds)}`);
  }
  return (
    <p className="stage-caption" data-state={live ? 'live' : result ? 'done' : 'computing'} data-view={options.view}>
      {parts.join(' · ')}
      {stale && <span className="stale"> · {t('stage.stale')}</span>}
    </p>
  );
}
