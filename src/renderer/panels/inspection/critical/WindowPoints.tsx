import { Crosshair } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CriticalPoint } from '../../../../shared/model/catalog';
import type { CriticalPoints } from '../../../../shared/model/critical';
import type { Domain, ObjectiveSpec } from '../../../../shared/model/experiment';
import { choosePoint, findInWindow, foundInWindow, useCritical } from '../../../state/critical';
import { useLandscape } from '../../../state/landscape';
import { announce } from '../../../state/notices';
import { Button } from '../../../ui/Button';
import { formatInteger, formatNumber, formatPercent, formatSeconds } from '../../../ui/format';
import { Notices } from '../../Notices';
import { TableScroll } from '../curvature/TableScroll';
import { ExportButtons } from './ExportButtons';
import { KindMark } from './KindMark';

/** Unresolved places told one by one. */
const mostPlaces = 5;

/** All critical points of a function of two parameters in the window that is drawn. */
export function WindowPoints({ objective }: { objective: ObjectiveSpec }) {
  const { t } = useTranslation();
  const drawn = useLandscape((state) => state.surface !== null);
  const busy = useCritical((state) => state.busy);
  const inWindow = useCritical((state) => state.inWindow);
  const found = foundInWindow({ inWindow }, objective);
  const find = async () => {
    const points = await findInWindow();
    if (points) announce(t('critical.found', { count: points.points.length }));
  };
  return (
    <>
      <Button icon={Crosshair} disabled={busy || !drawn} onClick={() => void find()}>
        {t('critical.find')}
      </Button>
      <Notices place="critical" />
      {found ? (
        <>
          <Completeness found={found} />
          {found.points.length > 0 && <PointTable points={found.points} />}
          <div className="provenance">
            <p className="hint">
              <span>
                {t('critical.searched', {
                  window: boxText(found.window),
                  evaluations: formatInteger(found.evaluations),
                  time: formatSeconds(found.seconds),
                })}
              </span>
            </p>
            <ExportButtons found={found} name={objectiveName(objective)} />
          </div>
        </>
      ) : (
        <p className="hint">{t('critical.emptyWindow')}</p>
      )}
    </>
  );
}

const objectiveName = (objective: ObjectiveSpec): string =>
  objective.kind === 'function' ? objective.name : objective.kind === 'expression' ? objective.expression : 'network';

const boxText = ([x0, x1, y0, y1]: Domain): string =>
  `x ${formatNumber(x0)} … ${formatNumber(x1)}, y ${formatNumber(y0)} … ${formatNumber(y1)}`;

/** Whether all points were found, and if that is not sure, why. */
function Completeness({ found }: { found: CriticalPoints }) {
  const { t } = useTranslation();
  const { points, verified, windingNumber, unresolved, maskedShare } = found;
  const turns = (number: number | null) => (number === null ? '?' : formatInteger(number));
  const more = unresolved.length - mostPlaces;
  return (
    <div className="critical-completeness">
      <p>{t('critical.found', { count: points.length })}</p>
      <p className={verified ? 'lint-clean' : 'critical-open'}>
        {t(verified ? 'critical.verified' : 'critical.notVerified', {
          edge: turns(windingNumber.edge),
          inside: turns(windingNumber.inside),
        })}
      </p>
      {maskedShare > 0 && <p className="hint">{t('critical.masked', { share: formatPercent(maskedShare) })}</p>}
      {unresolved.length > 0 && (
        <ul className="critical-unresolved">
          {unresolved.slice(0, mostPlaces).map(({ kind, box }) => (
            <li key={box.join()}>{t(`critical.unresolved.${kind}`, { box: boxText(box) })}</li>
          ))}
          {more > 0 && <li>{t('critical.moreUnresolved', { count: more })}</li>}
        </ul>
      )}
    </div>
  );
}

/** One row per point; the chosen one's mark stands out in the scene. Arrow keys go from row to row. */
function PointTable({ points }: { points: readonly CriticalPoint[] }) {
  const { t } = useTranslation();
  const chosen = useCritical((state) => state.chosen);
  const rows = useRef<(HTMLButtonElement | null)[]>([]);
  useEffect(() => {
    if (chosen !== null) rows.current[chosen]?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const move = (event: KeyboardEvent) => {
    const last = points.length - 1;
    const target: Record<string, number> = {
      ArrowDown: Math.min((chosen ?? -1) + 1, last),
      ArrowUp: Math.max((chosen ?? 1) - 1, 0),
      Home: 0,
      End: last,
    };
    const next = target[event.key];
    if (next === undefined && !(event.key === 'Escape' && chosen !== null)) return;
    event.preventDefault();
    choosePoint(next ?? null);
    if (next !== undefined) rows.current[next]?.focus();
  };
  return (
    <TableScroll label={t('critical.table')}>
      <table className="eigenvalues critical-points">
        <thead>
          <tr>
            <th scope="col">{t('critical.kind')}</th>
            <th scope="col">x, y</th>
            <th scope="col">{t('critical.value')}</th>
            <th scope="col">{t('critical.eigenvalues')}</th>
            <th scope="col">‖∇f‖</th>
          </tr>
        </thead>
        <tbody onKeyDown={move}>
          {points.map(({ kind, x, y, value, eigenvalues, residual }, i) => (
            <tr key={`${x} ${y}`} className={i === chosen ? 'chosen' : ''} onClick={() => choosePoint(i)}>
              <th scope="row">
                <button
                  ref={(button) => {
                    rows.current[i] = button;
                  }}
                  type="button"
                  aria-pressed={i === chosen}
                  tabIndex={i === (chosen ?? 0) ? 0 : -1}
                >
                  <KindMark kind={kind} />
                  {t(`critical.kindName.${kind}`)}
                </button>
              </th>
              <td className="stacked">{[x, y].map((one) => formatNumber(one, 5)).join('\n')}</td>
              <td>{formatNumber(value, 3)}</td>
              <td className="stacked">{eigenvalues.map((one) => formatNumber(one, 4)).join('\n')}</td>
              <td>{formatNumber(residual, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
