import { useTranslation } from 'react-i18next';
import { useLandscape } from '../../state/landscape';
import { formatNumber } from '../../ui/format';

/** Coordinates, loss and gradient under the pointer; exact as soon as the engine has answered. */
export function HoverReadout() {
  const { t } = useTranslation();
  const hover = useLandscape((state) => state.hover);
  const probe = useLandscape((state) => state.probe);
  const labels = useLandscape((state) => state.plane?.labels ?? null);
  if (!hover) return null;
  const { x, y, loss, gradient } = probe ?? hover;
  return (
    <dl className="hover-readout" data-exact={probe !== null}>
      <div>
        <dt>{labels?.[0] ?? 'x'}</dt>
        <dd>{formatNumber(x)}</dd>
      </div>
      <div>
        <dt>{labels?.[1] ?? 'y'}</dt>
        <dd>{formatNumber(y)}</dd>
      </div>
      <div>
        <dt>{t('stage.loss')}</dt>
        <dd>{formatNumber(loss)}</dd>
      </div>
      <div>
        <dt>{t('stage.gradient')}</dt>
        <dd>
          ({formatNumber(gradient[0], 3)}, {formatNumber(gradient[1], 3)})
        </dd>
      </div>
      {probe && (
        <div>
          <dt>‖∇L‖</dt>
          <dd>{formatNumber(probe.gradientNorm, 3)}</dd>
        </div>
      )}
    </dl>
  );
}

/** On a function of two parameters a click begins a race. */
export function PickHint() {
  const { t } = useTranslation();
  const picks = useLandscape(({ objective, surface }) => surface !== null && objective?.kind !== 'network');
  return picks && <p className="stage-hint">{t('stage.pickHint')}</p>;
}
