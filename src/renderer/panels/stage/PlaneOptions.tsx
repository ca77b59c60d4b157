import { LayoutGrid, RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { openDialog } from '../../state/commands';
import {
  type LandscapeOptions,
  optionIssues,
  recompute,
  setOptions,
  stageRuns,
  useLandscape,
} from '../../state/landscape';
import { planeKinds } from '../../state/planeChoice';
import { anyRunning, useRuns } from '../../state/runs';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { AdaptiveOptions } from './AdaptiveOptions';
import { PlaneSettings } from './planes/PlaneSettings';
import { TurnControls } from './planes/TurnControls';

/** How the landscape is cut: plane, grid, data. Choices are computed at once, numbers with Enter or the button. */
export function PlaneOptions() {
  const { t } = useTranslation();
  const { options, objective, computing } = useLandscape();
  const running = useRuns(({ runs }) => anyRunning(runs));
  const network = objective?.kind === 'network';
  const issues = optionIssues(options, network, stageRuns());
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
            options={planeKinds.map((value) => ({ value, label: t(`plane.name.${value}`) }))}
            onChange={(plane) => choose({ plane })}
          />
          <Button icon={LayoutGrid} onClick={() => openDialog('planes')}>
            {t('plane.compare')}
          </Button>
          <PlaneSettings />
          <TurnControls disabled={running} />
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
