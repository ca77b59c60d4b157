import { RefreshCw } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { type LandscapeOptions, optionIssues, recompute, setOptions, useLandscape } from '../../state/landscape';
import { anyRunning, useRuns } from '../../state/runs';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { formatInteger } from '../../ui/format';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { AdaptiveOptions } from './AdaptiveOptions';

const planes = ['pca', 'random', 'parameters', 'eigenvectors', 'gradient', 'points'] as const;
const normalizations = ['filter', 'layer', 'none'] as const;

/** How the landscape is cut: plane, grid, data. Choices are computed at once, numbers with Enter or the button. */
export function PlaneOptions() {
  const { t } = useTranslation();
  const { options, objective, computing } = useLandscape();
  const running = useRuns(({ runs }) => anyRunning(runs));
  const network = objective?.kind === 'network';
  const issues = optionIssues(options, network);
  const issueOf = (path: string) => issues.find((issue) => issue.path === path) ?? null;
  const choose = (change: Partial<LandscapeOptions>) => {
    setOptions(change);
    void recompute();
  };
  const gridField = network ? 'networkGrid' : 'functionGrid';
  return (
    <div className="popover-form">
      {network ? (
        <>
          <Select
            label={t('plane.title')}
            value={options.plane}
            options={planes.map((value) => ({ value, label: t(`plane.name.${value}`) }))}
            onChange={(plane) => choose({ plane })}
          />
          <p className="hint">{t(`plane.hint.${options.plane}`)}</p>
          {options.plane === 'random' && (
            <>
              <Segmented
                showLabel
                label={t('plane.normalization')}
                value={options.normalization}
                options={normalizations.map((value) => ({ value, label: t(`plane.normalize.${value}`) }))}
                onChange={(normalization) => choose({ normalization })}
              />
              <TextField
                numeric
                label={t('plane.seed')}
                value={options.planeSeed}
                issue={issueOf('planeSeed')}
                onChange={(planeSeed) => setOptions({ planeSeed })}
                onEnter={() => void recompute()}
              />
            </>
          )}
          {options.plane === 'parameters' && (
            <div className="field-row">
              {([0, 1] as const).map((axis) => (
                <TextField
                  key={axis}
                  numeric
                  label={t(axis === 0 ? 'plane.firstParameter' : 'plane.secondParameter')}
                  value={options.indices[axis]}
                  issue={issueOf(`indices.${axis}`)}
                  onChange={(typed) => setOptions({ indices: options.indices.with(axis, typed) as [string, string] })}
                  onEnter={() => void recompute()}
                />
              ))}
            </div>
          )}
          <TurnSlider disabled={running} />
        </>
      ) : (
        <p className="hint">{t('plane.hint.function')}</p>
      )}
      <TextField
        numeric
        label={t('plane.grid')}
        suffix={t('plane.gridSuffix')}
        value={options[gridField]}
        issue={issueOf(gridField)}
        onChange={(typed) => setOptions({ [gridField]: typed })}
        onEnter={() => void recompute()}
      />
      <AdaptiveOptions issue={issueOf('tolerance')} />
      {network && (
        <>
          <Segmented
            showLabel
            label={t('plane.examples')}
            value={options.subset}
            options={[
              { value: 'full', label: t('plane.all') },
              { value: 'random', label: t('plane.subset') },
            ]}
            onChange={(subset) => choose({ subset })}
          />
          {options.subset === 'random' && (
            <TextField
              numeric
              label={t('plane.subsetExamples')}
              value={options.subsetExamples}
              issue={issueOf('subsetExamples')}
              onChange={(subsetExamples) => setOptions({ subsetExamples })}
              onEnter={() => void recompute()}
            />
          )}
        </>
      )}
      <Button
        variant="primary"
        icon={RefreshCw}
        disabled={computing || running || issues.length > 0 || !objective}
        onClick={() => void recompute()}
      >
        {t('plane.recompute')}
      </Button>
      {running && network && <p className="hint">{t('plane.whileTraining')}</p>}
    </div>
  );
}

/** Turns the second axis toward a random direction; the surface follows. */
function TurnSlider({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  const turn = useLandscape(({ options }) => options.turn);
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">
        {t('plane.turn', { degrees: formatInteger(Number(turn)) })}
      </label>
      <input
        id={id}
        type="range"
        min={-180}
        max={180}
        step={1}
        value={turn}
        disabled={disabled}
        onChange={(event) => {
          setOptions({ turn: event.target.value });
          void recompute();
        }}
      />
      <p className="hint">{t('plane.turnHint')}</p>
    </div>
  );
}
