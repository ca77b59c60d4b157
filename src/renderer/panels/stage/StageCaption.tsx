import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useLandscape } from '../../state/landscape';
import { type Comparison, type DrawnLayer, useDrawnLayer } from '../../state/layers';
import { useRuns } from '../../state/runs';
import { farthestResidual, useLayerName, useSceneCut } from '../../state/scene';
import { formatInteger, formatNumber, formatPercent, formatSeconds } from '../../ui/format';

/** What is drawn, so that the picture can be judged: plane, share of the path, layer, data, executor, time. */
export function StageCaption() {
  const { t } = useTranslation();
  const { plane, objective, live, surface, options, stale } = useLandscape();
  const drawn = useDrawnLayer();
  const layerParts = useLayerParts(drawn);
  if (!plane || !surface) return null;
  const result = drawn?.result ?? null;
  const parts = [t(`plane.name.${objective?.kind === 'network' ? plane.spec.kind : 'whole'}`)];
  if (plane.explainedVarianceRatio) {
    const [first, second] = plane.explainedVarianceRatio;
    parts.push(t('stage.explained', { share: formatPercent(first + second), first: formatPercent(first) }));
  }
  const { spec } = plane;
  const base = spec.kind === 'turned' ? spec.base : spec;
  if (base.kind === 'pca' && base.maxRows !== undefined) {
    parts.push(t('stage.fewRows', { rows: formatInteger(base.maxRows) }));
  }
  if (Math.abs(plane.axisCosine) > 1e-6)
    parts.push(t('stage.axisCosine', { cosine: formatNumber(plane.axisCosine, 2) }));
  if (live) parts.push(t('stage.live'));
  parts.push(...layerParts);
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

/** The layer in words, and what was left out, cut, interpolated or taken away. */
function useLayerParts(drawn: DrawnLayer | null): string[] {
  const { t } = useTranslation();
  const nameOf = useLayerName();
  const { options, objective } = useLandscape();
  const runs = useRuns((state) => state.runs);
  const cut = useSceneCut(drawn);
  if (!drawn) return [];
  const { comparison, result, measure } = drawn;
  const parts: string[] = [];
  if (comparison) parts.push(...differenceParts(comparison, t));
  else if (objective?.kind === 'network') {
    parts.push(nameOf(drawn));
    const penalized = measure === 'loss' && drawn.split === 'train' && objective.l2 > 0 && !drawn.withoutL2;
    if (penalized) parts.push(t('layer.withL2', { coefficient: formatNumber(objective.l2) }));
    if (measure === 'gap' && objective.l2 > 0) parts.push(t('layer.gapWithoutL2'));
  }
  if (measure === 'loss' && options.band !== '0' && result?.standardError) {
    parts.push(t('layer.bandShown', { errors: options.band }));
  }
  if (result?.interpolation && !comparison) {
    const { evaluations, loss, interpolation } = result;
    const { largestError, checks, tolerance } = interpolation;
    parts.push(
      t('adaptive.computed', {
        computed: formatInteger(evaluations),
        total: formatInteger(loss.length),
        share: formatPercent(evaluations / loss.length),
      }),
      t('adaptive.error', {
        error: formatPercent(result.max > result.min ? largestError / (result.max - result.min) : 0, 2),
        checks: formatInteger(checks),
        tolerance: formatPercent(tolerance, 2),
      }),
    );
  }
  if (cut !== null) parts.push(t('display.cutAt', { value: formatNumber(cut, 3) }));
  if (options.dropLines && objective?.kind === 'network') {
    const farthest = farthestResidual(runs);
    if (farthest > 0) parts.push(t('display.dropLinesTo', { distance: formatNumber(farthest, 3) }));
  }
  return parts;
}

function differenceParts({ label, difference }: Comparison, t: TFunction): string[] {
  const { rootMeanSquare, resampled, exact, masked } = difference;
  const between = exact.reduce((sum, one) => sum + Number(one === 0), 0) - masked;
  return [
    t('layer.lessOther', { other: label }),
    t('layer.rms', { value: formatNumber(rootMeanSquare, 3) }),
    resampled ? t('layer.resampled') : between > 0 ? t('layer.partlyExact', { count: between }) : t('layer.exact'),
    ...(masked > 0 ? [t('layer.withoutBoth', { count: masked })] : []),
  ];
}
