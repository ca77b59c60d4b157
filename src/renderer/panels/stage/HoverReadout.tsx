import { useTranslation } from 'react-i18next';
import { sampleBilinear } from '../../../shared/math/bilinear';
import { useLandscape } from '../../state/landscape';
import { type DrawnLayer, useDrawnLayer } from '../../state/layers';
import { useProfiles } from '../../state/profiles';
import { isPathLoss, isShare, useLayerName } from '../../state/scene';
import { formatNumber, formatPercent } from '../../ui/format';

/** Coordinates, the layer's value and its gradient under the pointer; a loss is exact as soon as the engine has answered. */
export function HoverReadout() {
  const { t } = useTranslation();
  const hover = useLandscape((state) => state.hover);
  const probe = useLandscape((state) => state.probe);
  const labels = useLandscape((state) => state.plane?.labels ?? null);
  const drawn = useDrawnLayer();
  const nameOf = useLayerName();
  if (!hover || !drawn) return null;
  const exact = isPathLoss(drawn) ? probe : null;
  const { x, y, loss, gradient } = exact ?? hover;
  const error = errorAt(drawn, x, y);
  return (
    <dl className="hover-readout" data-exact={exact !== null}>
      <div>
        <dt>{labels?.[0] ?? 'x'}</dt>
        <dd>{formatNumber(x)}</dd>
      </div>
      <div>
        <dt>{labels?.[1] ?? 'y'}</dt>
        <dd>{formatNumber(y)}</dd>
      </div>
      <div>
        <dt>{nameOf(drawn)}</dt>
        <dd>
          {isShare(drawn) ? formatPercent(loss) : formatNumber(loss)}
          {error !== null && ` ± ${formatNumber(error, 2)}`}
        </dd>
      </div>
      {drawn.measure === 'loss' && (
        <div>
          <dt>{t('stage.gradient')}</dt>
          <dd>
            ({formatNumber(gradient[0], 3)}, {formatNumber(gradient[1], 3)})
          </dd>
        </div>
      )}
      {exact && (
        <div>
          <dt>‖∇L‖</dt>
          <dd>{formatNumber(exact.gradientNorm, 3)}</dd>
        </div>
      )}
    </dl>
  );
}

/** One standard error of a loss on a subset, between the grid's points bilinear. */
function errorAt({ measure, result }: DrawnLayer, x: number, y: number): number | null {
  if (measure !== 'loss' || !result?.standardError) return null;
  const { xs, ys, standardError } = result;
  return sampleBilinear({ xs, ys, values: standardError }, x, y)?.value ?? null;
}

/** What a click on the surface does: an end of a cross-section, or on a function of two parameters the start of a race. */
export function PickHint() {
  const { t } = useTranslation();
  const picks = useLandscape(({ objective, surface }) => surface !== null && objective?.kind !== 'network');
  const picking = useProfiles((state) => state.picking);
  if (picking) return <p className="stage-hint picking">{t(`profile.pick.${picking}`)}</p>;
  return picks && <p className="stage-hint">{t('stage.pickHint')}</p>;
}
