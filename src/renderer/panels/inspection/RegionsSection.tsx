import { Map as MapIcon } from 'lucide-react';
import { useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { type RegionKind, regionKinds, type SurfaceRegions } from '../../../shared/model/topology';
import { useLandscape } from '../../state/landscape';
import { announce } from '../../state/notices';
import { findRegions, persistenceExponents, setRegions, simplified, useRegions } from '../../state/regions';
import { resolveHeight } from '../../state/scene';
import { useSettings } from '../../state/settings';
import { Button } from '../../ui/Button';
import { formatNumber, formatPercent } from '../../ui/format';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { RegionMap, regionColor } from './RegionMap';

/** Minima or maxima listed; the map shows all. */
const listed = 8;

/** Basins and hills with a persistence slider, and the named regions of the surface that is drawn. */
export function RegionsSection() {
  const { t } = useTranslation();
  const result = useLandscape((state) => state.result);
  const { found, busy } = useRegions();
  const find = async () => {
    const regions = await findRegions();
    if (regions) announce(t('regions.found', { count: regions.basins.length }));
  };
  return (
    <Section title={t('regions.title')}>
      <Button icon={MapIcon} disabled={busy || !result} onClick={() => void find()}>
        {t('regions.find')}
      </Button>
      {found && found.surface.id === result?.id ? (
        <Found found={found} />
      ) : (
        <p className="hint">{t(found ? 'regions.otherSurface' : 'regions.empty')}</p>
      )}
    </Section>
  );
}

function Found({ found }: { found: SurfaceRegions }) {
  const { t } = useTranslation();
  const id = useId();
  const { exponent, show } = useRegions();
  const theme = useSettings((state) => state.theme);
  const choice = useLandscape((state) => state.options.heightScale);
  const { surface, thresholds } = found;
  const tree = show === 'hills' ? found.hills : found.tree;
  const heightScale = useMemo(() => resolveHeight(choice, surface.loss), [choice, surface]);
  const simplification = useMemo(
    () => simplified(tree, thresholds.range, exponent),
    [tree, thresholds.range, exponent],
  );
  const { survivors } = simplification;
  const share = `${formatNumber(100 * 10 ** exponent, 2)}%`;
  const nx = surface.xs.length;
  const place = (cell: number) =>
    `(${formatNumber(surface.xs[cell % nx]!, 3)}, ${formatNumber(surface.ys[Math.floor(cell / nx)]!, 3)})`;
  const areas = regionKinds.map(
    (_, kind) => found.kinds.reduce((sum, one) => sum + Number(one === kind), 0) / found.kinds.length,
  );
  return (
    <>
      <Segmented
        label={t('regions.show')}
        value={show}
        options={[
          { value: 'basins', label: t('regions.basins') },
          { value: 'hills', label: t('regions.hills') },
          { value: 'kinds', label: t('regions.kinds') },
        ]}
        onChange={(value) => setRegions({ show: value })}
      />
      <RegionMap
        {...{ found, simplification, show, theme, heightScale }}
        label={t(show === 'hills' ? 'regions.hillMap' : 'regions.map', { count: survivors.length })}
      />
      <div className="field">
        <label htmlFor={id} className="field-label">
          {t(show === 'hills' ? 'regions.hillPersistence' : 'regions.persistence', { share })}
        </label>
        <input
          id={id}
          type="range"
          min={persistenceExponents.least}
          max={persistenceExponents.most}
          step={0.1}
          value={exponent}
          aria-valuetext={t(show === 'hills' ? 'regions.hillPersistence' : 'regions.persistence', { share })}
          onChange={(event) => setRegions({ exponent: Number(event.target.value) })}
        />
      </div>
      <p className="hint">
        {t(show === 'hills' ? 'regions.hillSurvivors' : 'regions.survivors', {
          shown: survivors.length,
          count: tree.minima.length,
        })}
      </p>
      {show !== 'kinds' ? (
        <ul className="region-list">
          {Array.from(survivors.slice(0, listed), (minimum, rank) => (
            <li key={minimum}>
              <i className="swatch" style={{ background: regionColor(rank, theme) }} />
              <span>{place(tree.minima[minimum]!)}</span>
              <span>{formatNumber(surface.loss[tree.minima[minimum]!]!, 4)}</span>
              <span>
                {tree.saddles[minimum]! < 0
                  ? t(show === 'hills' ? 'regions.highest' : 'regions.deepest')
                  : formatNumber(tree.persistence[minimum]!, 3)}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <ul className="region-list">
          {regionKinds.map((kind: RegionKind, index) =>
            kind === 'slope' || areas[index] === 0 ? null : (
              <li key={kind}>
                <i className="swatch" style={{ background: regionColor(index - 1, theme) }} />
                <span>{t(`regions.kind.${kind}`)}</span>
                <span>{formatPercent(areas[index]!)}</span>
              </li>
            ),
          )}
        </ul>
      )}
      <p className="hint">{t('regions.slice')}</p>
    </>
  );
}
