import { Layers2, Maximize } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Descent, FoundCriticalPoint } from '../../../../shared/model/critical';
import type { Eigenvalue } from '../../../../shared/model/landscape';
import { drawPlaneOf, kindOf, outsideOf, samePlane, widenTo } from '../../../state/critical';
import { drawnPlaneRequest, useLandscape } from '../../../state/landscape';
import { Button } from '../../../ui/Button';
import { formatInteger, formatNumber, formatSeconds, subscript } from '../../../ui/format';
import { TableScroll } from '../curvature/TableScroll';
import { ExportButtons } from './ExportButtons';
import { KindMark } from './KindMark';
import { useFoundText, useIndexText } from './useFoundText';

/** Of the smallest eigenvalues at most as many rows. */
const mostRows = 10;

/** A critical point in full space: what it is, how sure, where it lies, what is below it. */
export function FoundPoint({ point, name }: { point: FoundCriticalPoint; name: string }) {
  const { t } = useTranslation();
  const foundText = useFoundText();
  const range = useLandscape((state) => state.surface?.range);
  useLandscape((state) => state.plane);
  const { index, plane, onPlane, descents, step, method, endsDiffer } = point;
  const kind = kindOf(point);
  const drawn = samePlane(plane, drawnPlaneRequest());
  const outside = drawn && range ? outsideOf(point, range) : null;
  const count = (value: number | null) => (value === null ? '–' : formatInteger(value));
  const facts: [string, string][] = [
    [t('critical.loss'), formatNumber(point.loss, 6)],
    ['‖g‖', `${formatNumber(point.gradientNorm, 3)} (≤ ${formatNumber(point.tolerance, 2)})`],
    [t('critical.negative'), `${index.indexKnown ? '' : '≥ '}${count(index.negative)}`],
    [t('critical.zero'), count(index.zero)],
    [t('critical.positive'), count(index.positive)],
    [t('critical.moved'), formatNumber(point.distance)],
    ...(onPlane
      ? ([
          [t('critical.place'), `${formatNumber(onPlane.x)}, ${formatNumber(onPlane.y)}`],
          [t('point.distance'), formatNumber(onPlane.distance)],
        ] as [string, string][])
      : []),
    [t('critical.iterations'), formatInteger(point.iterations)],
    [t('critical.products'), formatInteger(point.products)],
  ];
  return (
    <div className="critical-found">
      <p className="kind" data-kind={kind}>
        <KindMark kind={kind} /> {foundText(point)}
      </p>
      <dl className="fact-grid">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Eigenvalues point={point} />
      {descents && (
        <>
          <h4 className="view-title">{t('critical.waysDown')}</h4>
          <ul className="critical-descents">
            {descents.map((descent) => (
              <DescentText key={descent.sign} descent={descent} />
            ))}
          </ul>
          {endsDiffer !== null && (
            <p className="hint">{t('critical.endsDiffer', { difference: formatNumber(endsDiffer, 3) })}</p>
          )}
        </>
      )}
      {!drawn && (
        <>
          <p className="hint">{t(plane ? 'critical.otherPlane' : 'critical.noPlane')}</p>
          {plane && (
            <Button size="small" icon={Layers2} onClick={() => void drawPlaneOf(point)}>
              {t('critical.drawPlane')}
            </Button>
          )}
        </>
      )}
      {outside && outside.point.length > 0 && (
        <>
          <p className="hint">{t('critical.outside')}</p>
          <Button size="small" icon={Maximize} onClick={() => void widenTo(outside.point)}>
            {t('critical.widen')}
          </Button>
        </>
      )}
      {outside && outside.ways.length > 0 && (
        <>
          <p className="hint">{t('critical.waysOutside')}</p>
          <Button size="small" icon={Maximize} onClick={() => void widenTo([...outside.point, ...outside.ways])}>
            {t('critical.widenToWays')}
          </Button>
        </>
      )}
      <div className="provenance">
        <p className="hint">
          <span>
            {[
              step === null ? t('critical.fromPlane') : t('curvature.path.atStep', { step: formatInteger(step) }),
              t(`critical.methodName.${method}`),
              point.executor,
              formatSeconds(point.seconds),
            ].join(' · ')}
          </span>
        </p>
        <ExportButtons found={point} name={name} />
      </div>
    </div>
  );
}

/** Both ends of the spectrum, each eigenvalue with its residual. */
function Eigenvalues({ point: { index } }: { point: FoundCriticalPoint }) {
  const { t } = useTranslation();
  const rows: [string, Eigenvalue][] = [
    ...index.top.map((pair, i): [string, Eigenvalue] => [`λ${subscript(i + 1)}`, pair]),
    ...index.bottom
      .slice(0, mostRows)
      .map((pair, i): [string, Eigenvalue] => [i === 0 ? 'λₘᵢₙ' : `λₘᵢₙ₊${subscript(i)}`, pair])
      .toReversed(),
  ];
  return (
    <TableScroll label={t('curvature.inNumbers')}>
      <table className="eigenvalues">
        <thead>
          <tr>
            <th scope="col">λ</th>
            <th scope="col">{t('curvature.value')}</th>
            <th scope="col">‖Hv − λv‖</th>
            <th scope="col">{t('curvature.converged')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, { value, residual, converged }]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{formatNumber(value, 6)}</td>
              <td>{formatNumber(residual, 2)}</td>
              <td>{t(converged ? 'curvature.yes' : 'curvature.no')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function DescentText({ descent }: { descent: Descent }) {
  const { t } = useTranslation();
  const indexText = useIndexText();
  const { sign, loss, arcLength, end, outcome, gradientNorm } = descent;
  const named = end && end.kind !== 'notCritical';
  return (
    <li>
      <strong>{t(sign > 0 ? 'critical.downPlus' : 'critical.downMinus')}</strong>{' '}
      {t('critical.descent', {
        loss: formatNumber(loss.at(-1), 5),
        length: formatNumber(arcLength.at(-1), 3),
        end: named ? indexText(end) : t(`critical.descentOutcome.${outcome}`, { norm: formatNumber(gradientNorm, 2) }),
      })}
    </li>
  );
}
