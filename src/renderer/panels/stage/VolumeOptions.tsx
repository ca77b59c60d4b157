import { RefreshCw, X } from 'lucide-react';
import { useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { finiteExtent, heightTransform } from '../../../shared/math/heightTransform';
import { volumeAxes } from '../../scene/volume/model';
import {
  computeVolume,
  setSlice,
  setVolume,
  toggleVolume,
  useVolume,
  volumeIsStale,
  volumeIssues,
  volumeStep,
} from '../../state/volume';
import { useVolumeModel } from '../../state/volumeScene';
import { Button, IconButton } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { formatInteger, formatNumber, formatPercent, formatSeconds } from '../../ui/format';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';

const thirds = ['random', 'gradient', 'hessianGradient', 'eigenvector', 'pca', 'parameter'] as const;

/** Beside a volume: what of it is shown, and what it is of. */
export function VolumeOptions() {
  const open = useVolume((state) => state.open);
  return open && <VolumePanel />;
}

function VolumePanel() {
  const { t } = useTranslation();
  const state = useVolume();
  const { options, result, busy } = state;
  const { volume, heightScale, labels } = useVolumeModel();
  const transform = useMemo(() => {
    const extent = volume && finiteExtent(volume.loss);
    return extent && heightTransform(heightScale, ...extent);
  }, [volume, heightScale]);
  const issues = volumeIssues(options);
  const issueOf = (path: string) => issues.find((issue) => issue.path === path) ?? null;
  const compute = () => void computeVolume();
  const level = transform ? formatNumber(transform.toLoss(options.level)) : '–';
  const ends = volume && { x: volume.xs, y: volume.ys, z: volume.zs };
  return (
    <section className="volume-panel" aria-label={t('volume.title')}>
      <header>
        <h3>{t('volume.title')}</h3>
        <IconButton label={t('volume.leave')} shortcut="V" icon={X} onClick={toggleVolume} />
      </header>
      <Switch
        label={t('volume.isosurface')}
        checked={options.isosurface}
        onChange={(isosurface) => setVolume({ isosurface })}
      />
      <Slider
        label={t('volume.level', { loss: level })}
        value={options.level}
        onChange={(value) => setVolume({ level: value, isosurface: true })}
      />
      <Slider
        label={t('volume.opacity', { share: formatPercent(options.opacity, 0) })}
        value={options.opacity}
        onChange={(opacity) => setVolume({ opacity })}
      />
      {volumeAxes.map((axis) => {
        const { shown, at } = options.slices[axis];
        const [from, to] = ends ? [ends[axis][0]!, ends[axis].at(-1)!] : [Number.NaN, Number.NaN];
        const place = from + at * (to - from);
        const name = labels[axis];
        return (
          <div key={axis} className="volume-slice">
            <Switch
              label={t('volume.slice', { axis: name })}
              checked={shown}
              onChange={(on) => setSlice(axis, { shown: on })}
            />
            <Slider
              label={`${name} = ${Number.isNaN(place) ? '–' : formatNumber(place, 3)}`}
              value={at}
              onChange={(value) => setSlice(axis, { at: value, shown: true })}
            />
          </div>
        );
      })}
      <hr />
      <Select
        label={t('volume.third')}
        value={options.third}
        options={thirds.map((value) => ({ value, label: t(`volume.thirdName.${value}`) }))}
        onChange={(third) => {
          setVolume({ third });
          compute();
        }}
      />
      {options.third === 'random' && (
        <TextField
          numeric
          label={t('plane.seed')}
          value={options.seed}
          issue={issueOf('seed')}
          onChange={(seed) => setVolume({ seed })}
          onEnter={compute}
        />
      )}
      {options.third === 'eigenvector' && (
        <>
          <Segmented
            label={t('volume.end')}
            value={options.end}
            options={(['top', 'bottom'] as const).map((value) => ({ value, label: t(`volume.endName.${value}`) }))}
            onChange={(end) => {
              setVolume({ end });
              compute();
            }}
          />
          <TextField
            numeric
            label={t('volume.rank')}
            value={options.rank}
            issue={issueOf('rank')}
            onChange={(rank) => setVolume({ rank })}
            onEnter={compute}
          />
        </>
      )}
      {options.third === 'pca' && (
        <Segmented
          label={t('volume.component')}
          value={options.component}
          options={(['1', '2'] as const).map((value) => ({ value, label: t('volume.componentName', { n: value }) }))}
          onChange={(component) => {
            setVolume({ component });
            compute();
          }}
        />
      )}
      {options.third === 'parameter' && (
        <TextField
          numeric
          label={t('volume.index')}
          value={options.index}
          issue={issueOf('index')}
          onChange={(index) => setVolume({ index })}
          onEnter={compute}
        />
      )}
      <TextField
        numeric
        label={t('plane.grid')}
        suffix={t('volume.gridSuffix')}
        value={options.grid}
        issue={issueOf('grid')}
        onChange={(grid) => setVolume({ grid })}
        onEnter={compute}
      />
      <Button
        variant={volumeIsStale(state) ? 'primary' : 'plain'}
        icon={RefreshCw}
        disabled={busy || issues.length > 0}
        onClick={compute}
      >
        {t('volume.compute')}
      </Button>
      <p className="hint" data-state={result ? 'done' : busy ? 'computing' : 'none'}>
        {result
          ? [
              [result.xs, result.ys, result.zs].map((c) => formatInteger(c.length)).join(' × '),
              `${result.executor}, ${formatSeconds(result.seconds)}`,
              ...(result.masked > 0 ? [t('stage.masked', { count: result.masked })] : []),
            ].join(' · ')
          : t(busy ? 'volume.computing' : 'volume.none')}
      </p>
    </section>
  );
}

interface SliderProps {
  label: string;
  value: number;
  onChange(value: number): void;
}

function Slider({ label, value, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={1}
        step={volumeStep}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}
