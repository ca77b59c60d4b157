import { Plus, X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { parameterLabel } from '../../../../shared/math/parameterLabel';
import { loadKeptConnections, useConnect } from '../../../state/connect';
import { stageRuns } from '../../../state/landscape';
import { chosenPoints, hasOrigin, hasSeed, type PointChoice } from '../../../state/planeChoice';
import { Button } from '../../../ui/Button';
import { IssueText, TextField } from '../../../ui/Field';
import { formatNumber } from '../../../ui/format';
import { Segmented } from '../../../ui/Segmented';
import { Select } from '../../../ui/Select';
import { Switch } from '../../../ui/Switch';
import { EigenvectorField } from './EigenvectorField';
import { FileField } from './FileField';
import { PointField } from './PointField';
import { RowField } from './RowField';
import { type PlaneForm, usePlaneForm } from './usePlaneForm';

const normalizations = ['filter', 'layer', 'none'] as const;
const axes = ['given', 'orthonormal'] as const;

/** Everything that can be set of the chosen plane. */
export function PlaneSettings() {
  const { t } = useTranslation();
  const form = usePlaneForm();
  const { options, runs, issueOf, choose, type, enter } = form;
  const { plane } = options;
  const issue = issueOf('plane');
  return (
    <>
      <p className="hint">{t(`plane.hint.${plane}`)}</p>
      {plane === 'random' && (
        <Segmented
          showLabel
          label={t('plane.normalization')}
          value={options.normalization}
          options={normalizations.map((value) => ({ value, label: t(`plane.normalize.${value}`) }))}
          onChange={(normalization) => choose({ normalization })}
        />
      )}
      {plane === 'parameters' && <Indices form={form} />}
      {plane === 'eigenvectors' &&
        ([0, 1] as const).map((axis) => {
          const put = (value: (typeof options.eigenvectors)[number]) => ({
            eigenvectors: options.eigenvectors.with(axis, value) as typeof options.eigenvectors,
          });
          return (
            <EigenvectorField
              key={axis}
              label={t(axis === 0 ? 'plane.firstAxis' : 'plane.secondAxis')}
              value={options.eigenvectors[axis]}
              issue={issueOf(`eigenvectors.${axis}`)}
              onChoose={(value) => choose(put(value))}
              onType={(value) => type(put(value))}
              onEnter={enter}
            />
          );
        })}
      {plane === 'points' && <Points form={form} />}
      {plane === 'file' && <Files form={form} />}
      {plane === 'connection' && <Connections form={form} />}
      {hasOrigin(plane) && (
        <RowField
          label={t('plane.origin')}
          value={options.origin}
          rows={stageRuns()[0]?.rows ?? 0}
          issue={issueOf('origin')}
          onChoose={(origin) => choose({ origin })}
          onType={(origin) => type({ origin })}
          onEnter={enter}
        />
      )}
      {hasSeed(options, runs.length) && (
        <TextField
          numeric
          label={t(plane === 'random' ? 'plane.seed' : 'plane.secondSeed')}
          value={options.planeSeed}
          issue={issueOf('planeSeed')}
          onChange={(planeSeed) => type({ planeSeed })}
          onEnter={enter}
        />
      )}
      {(plane === 'points' || plane === 'file' || plane === 'connection') && (
        <Segmented
          showLabel
          label={t('plane.axes')}
          value={options.axes}
          options={axes.map((value) => ({ value, label: t(`plane.axesKind.${value}`) }))}
          onChange={(value) => choose({ axes: value })}
        />
      )}
      {plane === 'random' && (
        <Switch
          label={t('plane.biases')}
          checked={options.randomBiases}
          onChange={(randomBiases) => choose({ randomBiases })}
        />
      )}
      {(plane === 'pca' || plane === 'eigenvectors' || plane === 'gradient') && (
        <Switch label={t('plane.biases')} checked={options.biases} onChange={(biases) => choose({ biases })} />
      )}
      {issue && <IssueText issue={issue} id="plane-issue" />}
    </>
  );
}

/** Two parameters by number, each with the name it has in the model. */
function Indices({ form: { options, runs, issueOf, type, enter } }: { form: PlaneForm }) {
  const { t } = useTranslation();
  const layout = runs[0]?.info.parameters ?? [];
  const nameOf = (index: string) =>
    index.trim() !== '' && Number.isInteger(Number(index)) ? parameterLabel(layout, Number(index)) : undefined;
  return (
    <div className="field-row">
      {([0, 1] as const).map((axis) => (
        <TextField
          key={axis}
          numeric
          label={t(axis === 0 ? 'plane.firstParameter' : 'plane.secondParameter')}
          value={options.indices[axis]}
          issue={issueOf(`indices.${axis}`)}
          hint={nameOf(options.indices[axis])}
          onChange={(typed) => type({ indices: options.indices.with(axis, typed) as [string, string] })}
          onEnter={enter}
        />
      ))}
    </div>
  );
}

const fewestPoints = 2;
const mostPoints = 3;

function Points({ form: { options, runs, issueOf, choose, type, enter } }: { form: PlaneForm }) {
  const { t } = useTranslation();
  const points = chosenPoints(options, runs.length);
  const put = (i: number, point: PointChoice) => ({ points: points.with(i, point) });
  return (
    <>
      {points.map((point, i) => (
        <PointField
          // biome-ignore lint/suspicious/noArrayIndexKey: a point has no name but its place
          key={i}
          label={t('plane.point', { number: i + 1 })}
          value={point}
          issue={issueOf(`points.${i}`)}
          onChoose={(value) => choose(put(i, value))}
          onType={(value) => type(put(i, value))}
          onEnter={enter}
        />
      ))}
      {points.length < mostPoints && (
        <Button
          size="small"
          icon={Plus}
          onClick={() => {
            const rows = stageRuns()[0]?.rows ?? 0;
            choose({ points: [...points, { run: 0, at: 'row', row: String(Math.floor((rows - 1) / 2)) }] });
          }}
        >
          {t('plane.addPoint')}
        </Button>
      )}
      {points.length > fewestPoints && (
        <Button size="small" icon={X} onClick={() => choose({ points: points.slice(0, fewestPoints) })}>
          {t('plane.removePoint')}
        </Button>
      )}
    </>
  );
}

function Files({ form: { options, issueOf, choose } }: { form: PlaneForm }) {
  const { t } = useTranslation();
  const { files } = options;
  return (
    <>
      <FileField
        label={t('plane.file.first')}
        value={files[0] ?? ''}
        issue={issueOf('files.0')}
        onChoose={(path) => choose({ files: [path, ...files.slice(1)] })}
      />
      {files.length > 0 && (
        <FileField
          label={t('plane.file.second')}
          value={files[1] ?? ''}
          issue={issueOf('files.1')}
          onChoose={(path) => choose({ files: [files[0] as string, path] })}
          onRemove={() => choose({ files: files.slice(0, 1) })}
        />
      )}
    </>
  );
}

function Connections({ form: { options, runs, issueOf, choose } }: { form: PlaneForm }) {
  const { t } = useTranslation();
  const kept = useConnect((state) => state.kept);
  useEffect(() => void loadKeptConnections(), []);
  const { connection } = options;
  const nameOf = (runId: string) => runs.find((run) => run.runId === runId)?.label ?? runId;
  const items = kept.map(({ id, runId, curve, ends, line, trained }) => ({
    value: `${runId}/${id}`,
    label: t('plane.curve', {
      from: nameOf(ends[0].runId),
      to: nameOf(ends[1].runId),
      kind: t(`connect.kind.${curve}`),
      height: formatNumber((trained ?? line).barrier.height, 3),
    }),
  }));
  if (items.length === 0 && !connection) return <p className="hint">{t('plane.noCurve')}</p>;
  return (
    <Select
      label={t('plane.keptCurve')}
      value={connection ? `${connection.runId}/${connection.id}` : ''}
      options={connection ? items : [{ value: '', label: t('plane.chooseCurve') }, ...items]}
      issue={issueOf('connection')}
      onChange={(chosen) => {
        const [runId, id] = chosen.split('/') as [string, string?];
        choose({ connection: id === undefined ? null : { runId, id } });
      }}
    />
  );
}
