import { Crosshair, Download, LineChart, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { preferredHeightScale } from '../../../shared/math/heightTransform';
import type { Surface } from '../../../shared/model/landscape';
import type { Profile } from '../../../shared/model/sections';
import { useLandscape } from '../../state/landscape';
import { announce } from '../../state/notices';
import {
  choosePreset,
  clearProfile,
  computeProfiles,
  exportProfile,
  planeKey,
  presetLine,
  presets,
  profileIssues,
  setLine,
  setProfile,
  togglePicking,
  useProfileJob,
  useProfiles,
} from '../../state/profiles';
import { anyRunning, selectedRun, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { formatInteger, formatNumber, formatPercent, formatSeconds } from '../../ui/format';
import { LinePlot, type PlotLine } from '../../ui/LinePlot';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { Notices } from '../Notices';
import { ProgressCard } from '../stage/ProgressCards';
import { Legend } from './curvature/Legend';

/** The loss along a line of the plane, every point computed: the line by preset, by two clicks or typed. */
export function ProfileSection() {
  const { t } = useTranslation();
  const { options, line, picking, busy, profiles, plane } = useProfiles();
  const asked = useLandscape((state) => state.asked);
  const labels = useLandscape((state) => state.plane?.labels ?? null);
  const network = useLandscape(({ objective }) => objective?.kind === 'network');
  const running = useRuns(({ runs }) => anyRunning(runs));
  useRuns((state) => state.revision);
  const job = useProfileJob();
  const issues = profileIssues(line, options);
  // What was not typed yet is no mistake.
  const issueOf = (path: string) => issues.find((issue) => issue.path === path && issue.key !== 'required') ?? null;
  const compute = async () => {
    if (await computeProfiles()) announce(t('profile.done'));
  };
  const fields = (['from', 'to'] as const).flatMap((end) =>
    ([0, 1] as const).map((axis) => ({
      ...{ end, axis, path: `${end}.${axis}` },
      label: t(`profile.${end}`, { axis: labels?.[axis] ?? (axis === 0 ? 'x' : 'y') }),
    })),
  );
  return (
    <Section title={t('profile.title')}>
      <div className="profile-presets">
        {presets.map((preset) => (
          <Button
            key={preset}
            size="small"
            disabled={!asked || busy || running || presetLine(preset) === null}
            onClick={() => void choosePreset(preset)}
          >
            {t(`profile.preset.${preset}`, { axis: labels?.[preset === 'axis2' ? 1 : 0] ?? '' })}
          </Button>
        ))}
        <Button
          size="small"
          icon={Crosshair}
          aria-pressed={picking !== null}
          disabled={!asked || busy || running}
          onClick={togglePicking}
        >
          {t('profile.choose')}
        </Button>
      </div>
      {picking && (
        <p className="hint" role="status">
          {t(`profile.pick.${picking}`)} {t('profile.byKeyboard')}
        </p>
      )}
      <div className="profile-ends">
        {fields.map(({ end, axis, path, label }) => (
          <TextField
            key={path}
            numeric
            label={label}
            value={line[end][axis]}
            issue={issueOf(path)}
            onChange={(typed) => setLine({ [end]: line[end].with(axis, typed) as [string, string] })}
            onEnter={() => void compute()}
          />
        ))}
      </div>
      <TextField
        numeric
        label={t('profile.points')}
        value={options.points}
        issue={issueOf('points')}
        onChange={(points) => setProfile({ points })}
        onEnter={() => void compute()}
      />
      {network && (
        <Segmented
          showLabel
          label={t('profile.data')}
          value={options.split}
          options={(['train', 'validation', 'both'] as const).map((value) => ({
            value,
            label: t(`profile.of.${value}`),
          }))}
          onChange={(split) => setProfile({ split })}
        />
      )}
      <div className="button-row">
        <Button
          icon={LineChart}
          disabled={!asked || busy || running || issues.length > 0}
          onClick={() => void compute()}
        >
          {t('profile.compute')}
        </Button>
        {(profiles.length > 0 || line.from[0] !== '') && !busy && (
          <Button size="small" icon={X} onClick={clearProfile}>
            {t('profile.clear')}
          </Button>
        )}
      </div>
      {busy && job && <ProgressCard job={job} />}
      <Notices place="profile" />
      {profiles.length === 0 ? (
        <p className="hint">{t('profile.empty')}</p>
      ) : asked && plane === planeKey(asked) ? (
        <ProfileView profiles={profiles} />
      ) : (
        <p className="hint">{t('profile.otherPlane')}</p>
      )}
    </Section>
  );
}

const colors: Record<Surface['split'], Record<'dark' | 'light', string>> = {
  train: { dark: '#63bff0', light: '#1b7fb8' },
  validation: { dark: '#f2a65e', light: '#b85c00' },
};

function ProfileView({ profiles }: { profiles: readonly Profile[] }) {
  const { t } = useTranslation();
  const theme = useSettings((state) => state.theme);
  const run = useRuns(selectedRun);
  const heightScale = useLandscape((state) => state.options.heightScale);
  const [first] = profiles;
  if (!first) return null;
  const { distance, x, y, masked, loss, executor } = first;
  const network = first.examples > 0;
  const nameOf = (split: Surface['split']) => (network ? t(`layer.name.loss.${split}`) : t('stage.loss'));
  const lines = profiles.map(
    ({ split, loss: values, standardError }): PlotLine => ({
      name: nameOf(split),
      color: colors[split][theme],
      values,
      standardError,
    }),
  );
  const accuracy = profiles.flatMap(({ split, accuracy: values }): PlotLine[] =>
    values ? [{ name: t(`layer.name.accuracy.${split}`), color: colors[split][theme], values }] : [],
  );
  const place = (k: number) => `(${formatNumber(x[k], 3)}, ${formatNumber(y[k], 3)})`;
  const lossText = (k: number) =>
    profiles
      .map(({ split, loss: values, standardError }) => {
        const error = standardError ? ` ± ${formatNumber(standardError[k], 2)}` : '';
        return `${nameOf(split)} ${formatNumber(values[k])}${error}`;
      })
      .join(' · ');
  const log = heightScale === 'log' || (heightScale === 'auto' && preferredHeightScale(loss) === 'log');
  const seconds = profiles.reduce((sum, profile) => sum + profile.seconds, 0);
  const save = async () => {
    const saved = await exportProfile(profiles, run?.info.experiment.name ?? 'surface');
    if (saved) announce(t('profile.saved', { name: saved }));
  };
  return (
    <div className="profile-view">
      <Legend items={lines} />
      <LinePlot
        label={t('profile.plot')}
        xLabel={t('profile.distance')}
        yLabel={t('stage.loss')}
        xs={distance}
        lines={lines}
        log={log && lines.every(({ values }) => Array.from(values).every((value = 1) => !(value <= 0)))}
        height={170}
        readout={(k) => `${place(k)} · ${lossText(k)}`}
        hint={t('profile.readHint')}
      />
      {accuracy.length > 0 && (
        <LinePlot
          label={t('profile.accuracyPlot')}
          xLabel={t('profile.distance')}
          yLabel={t('profile.accuracy')}
          xs={distance}
          lines={accuracy}
          log={false}
          height={120}
          readout={(k) => `${place(k)} · ${accuracy.map(({ values }) => formatPercent(values[k])).join(' · ')}`}
          hint={t('profile.readHint')}
        />
      )}
      <p className="hint">
        {[
          t('profile.computed', { count: loss.length, points: formatInteger(loss.length) }),
          ...(masked > 0 ? [t('stage.masked', { count: masked })] : []),
          ...(first.standardError ? [t('profile.band')] : []),
          `${executor}, ${formatSeconds(seconds)}`,
        ].join(' · ')}
      </p>
      <Button size="small" icon={Download} onClick={() => void save()}>
        {t('curvature.save.csv')}
      </Button>
    </div>
  );
}
