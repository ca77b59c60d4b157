import { ArrowLeftRight, Pin, X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Surface } from '../../../shared/model/landscape';
import { useLandscape } from '../../state/landscape';
import type { Measure } from '../../state/layerOptions';
import {
  compareWith,
  type DrawnLayer,
  endComparison,
  missingLayers,
  pinSurface,
  type Subtrahend,
  showLayer,
  unpin,
  useDrawnLayer,
  useLayers,
} from '../../state/layers';
import { announce } from '../../state/notices';
import { anyRunning, useRuns } from '../../state/runs';
import { useLayerName } from '../../state/scene';
import { Button, IconButton } from '../../ui/Button';
import { formatInteger } from '../../ui/format';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';

interface Choice {
  measure: Measure;
  split: Surface['split'];
}
const choices: readonly Choice[] = [
  { measure: 'loss', split: 'train' },
  { measure: 'loss', split: 'validation' },
  { measure: 'accuracy', split: 'train' },
  { measure: 'accuracy', split: 'validation' },
  { measure: 'error', split: 'train' },
  { measure: 'error', split: 'validation' },
  { measure: 'gap', split: 'validation' },
  { measure: 'standardError', split: 'train' },
  { measure: 'standardError', split: 'validation' },
];
const keyOf = ({ measure, split }: Choice): string => (measure === 'gap' ? measure : `${measure} ${split}`);

/** Which of the surface's numbers are drawn, with what beside them, and less what. */
export function LayerOptions() {
  const { t } = useTranslation();
  const objective = useLandscape((state) => state.objective);
  const options = useLandscape((state) => state.options);
  const running = useRuns(({ runs }) => anyRunning(runs));
  const drawn = useDrawnLayer();
  const missing = useMissing();
  const network = objective?.kind === 'network';
  if (running) return <p className="popover-form hint">{t('layer.whileTraining')}</p>;
  return (
    <div className="popover-form">
      {network && <LayerList drawn={drawn} />}
      {network && objective.l2 > 0 && (
        <Segmented
          showLabel
          label={t('layer.l2')}
          value={options.l2}
          options={[
            { value: 'in', label: t('layer.l2In') },
            { value: 'out', label: t('layer.l2Out') },
          ]}
          onChange={(l2) => void showLayer({ l2 })}
        />
      )}
      {network && (
        <Segmented
          showLabel
          label={t('layer.band')}
          value={missing.standardError ? '0' : options.band}
          options={(['0', '1', '2'] as const).map((value) => ({
            value,
            label: t(`layer.bandOf.${value}`),
            disabled: value !== '0' && missing.standardError !== undefined,
          }))}
          onChange={(band) => void showLayer({ band })}
        />
      )}
      <CompareForm drawn={drawn} />
    </div>
  );
}

function useMissing() {
  const objective = useLandscape((state) => state.objective);
  const result = useLandscape((state) => state.result);
  const kept = useLayers((state) => state.kept);
  const validation = useRuns(({ runs }) => runs[0]?.info.examples.validation ?? 0);
  return missingLayers({ objective, result }, kept, validation);
}

function LayerList({ drawn }: { drawn: DrawnLayer | null }) {
  const { t } = useTranslation();
  const nameOf = useLayerName();
  const missing = useMissing();
  const group = useId();
  const shown = drawn && drawn.measure !== 'difference' ? keyOf({ ...drawn, measure: drawn.measure }) : null;
  const reasons = new Set<NonNullable<(typeof missing)['validation']>>();
  const rows: ReactNode[] = choices.map((choice) => {
    const reason = missing[choice.measure] ?? (choice.split === 'validation' ? missing.validation : undefined);
    if (reason) reasons.add(reason);
    const key = keyOf(choice);
    return (
      <label key={key} className={`layer-choice ${key === shown ? 'chosen' : ''} ${reason ? 'disabled' : ''}`}>
        <input
          type="radio"
          name={group}
          value={key}
          checked={key === shown}
          disabled={reason !== undefined}
          onChange={() => void showLayer(choice)}
        />
        <span>{nameOf({ ...choice, withoutL2: false })}</span>
      </label>
    );
  });
  return (
    <fieldset className="layer-choices">
      <legend className="field-label">{t('layer.title')}</legend>
      {rows}
      {[...reasons].map((reason) => (
        <p key={reason} className="hint">
          {t(`layer.missing.${reason}`)}
        </p>
      ))}
    </fieldset>
  );
}

interface Other {
  value: string;
  label: string;
  subtrahend: Subtrahend;
}

/** The surface on the stage less another one. */
function CompareForm({ drawn }: { drawn: DrawnLayer | null }) {
  const { t } = useTranslation();
  const nameOf = useLayerName();
  const [chosen, setChosen] = useState('');
  const pins = useLayers((state) => state.pins);
  const asked = useLandscape((state) => state.asked);
  const objective = useLandscape((state) => state.objective);
  const plane = useLandscape((state) => state.plane);
  const computing = useLandscape((state) => state.computing);
  const runs = useRuns((state) => state.runs);
  const missing = useMissing();
  const network = objective?.kind === 'network';
  const part = (split: Surface['split'], l2: 'in' | 'out'): Other => ({
    value: `part ${split} ${l2}`,
    label: nameOf({ measure: 'loss', split, withoutL2: l2 === 'out' }),
    subtrahend: { kind: 'part', split, l2 },
  });
  /** Less itself it would be 0. */
  const isDrawn = (split: Surface['split'], l2: 'in' | 'out') =>
    asked?.split === split && (split === 'validation' || asked.l2 === l2 || (network && objective.l2 === 0));
  const others: Other[] = [
    ...pins.map(({ id, label }): Other => ({ value: `pin ${id}`, label, subtrahend: { kind: 'pin', id } })),
    ...(network && !isDrawn('train', 'in') ? [part('train', 'in')] : []),
    ...(network && objective.l2 > 0 && !isDrawn('train', 'out') ? [part('train', 'out')] : []),
    ...(network && !missing.validation && !isDrawn('validation', 'in') ? [part('validation', 'in')] : []),
    ...(network && runs.length > 1
      ? runs.map(({ runId, label }): Other => {
          const subtrahend: Subtrahend = { kind: 'run', runId };
          return { value: `run ${runId}`, label: t('layer.aboutRun', { run: label }), subtrahend };
        })
      : []),
  ];
  const other = others.find(({ value }) => value === chosen) ?? others[0];
  const pinned = asked !== null && pins.some(({ id }) => id === JSON.stringify(asked));
  const pin = () => {
    if (!asked || !plane) return;
    const grid = asked.grid ?? [];
    const name = t(`plane.name.${network ? plane.spec.kind : 'whole'}`);
    const of = drawn && drawn.measure !== 'difference' ? nameOf({ ...drawn, measure: 'loss' }) : t('stage.loss');
    const label = [name, of, grid.map(formatInteger).join('×')].join(' · ');
    pinSurface(label);
    announce(t('layer.pinned', { name: label }));
  };
  const compare = async () => {
    if (!other) return;
    if (await compareWith(other.subtrahend, other.label)) announce(t('layer.comparing', { other: other.label }));
  };
  return (
    <fieldset className="compare">
      <legend className="field-label">{t('layer.compare')}</legend>
      <Button size="small" icon={Pin} disabled={!asked || computing || pinned} onClick={pin}>
        {t(pinned ? 'layer.isPinned' : 'layer.pin')}
      </Button>
      {pins.length > 0 && (
        <ul className="pins">
          {pins.map(({ id, label }) => (
            <li key={id}>
              <span>{label}</span>
              <IconButton label={t('layer.unpin', { name: label })} icon={X} onClick={() => unpin(id)} />
            </li>
          ))}
        </ul>
      )}
      {other ? (
        <>
          <Select
            label={t('layer.minus')}
            value={other.value}
            options={others.map(({ value, label }) => ({ value, label }))}
            onChange={setChosen}
          />
          <Button icon={ArrowLeftRight} disabled={!asked || computing} onClick={() => void compare()}>
            {t('layer.draw')}
          </Button>
        </>
      ) : (
        <p className="hint">{t('layer.nothingToCompare')}</p>
      )}
      {drawn?.comparison && (
        <Button size="small" icon={X} onClick={endComparison}>
          {t('layer.endComparison')}
        </Button>
      )}
    </fieldset>
  );
}
