import { Layers2, Waypoints } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Connection, type ConnectionProfile, curveKindSchema } from '../../../shared/model/connection';
import { chosenEnds, connectRuns, setConnect, showConnection, useConnect } from '../../state/connect';
import { announce } from '../../state/notices';
import { anyRunning, useRuns } from '../../state/runs';
import { Button } from '../../ui/Button';
import { formatInteger, formatNumber } from '../../ui/format';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import { Notices } from '../Notices';
import { ConnectionPlot } from './ConnectionPlot';

/** What lies between the ends of two runs of a network: barriers on the line and on a trained curve. */
export function ConnectSection() {
  const { t } = useTranslation();
  const runs = useRuns((state) => state.runs);
  const state = useConnect();
  const ends = chosenEnds(runs, state);
  const network = runs[0]?.info.experiment.objective.kind === 'network';
  if (!ends || !network) return null;
  const { curve, align, busy, result } = state;
  const options = runs.map(({ runId, label }) => ({ value: runId, label }));
  const isOf = result?.ends.every(({ runId }) => runs.some((run) => run.runId === runId));
  const connect = async () => {
    const made = await connectRuns();
    if (made) announce(t('connect.announce', { height: formatNumber((made.trained ?? made.line).barrier.height, 3) }));
  };
  return (
    <Section title={t('connect.title')}>
      <div className="field-row">
        <Select
          label={t('connect.from')}
          value={ends[0].runId}
          options={options}
          onChange={(from) => setConnect({ from })}
        />
        <Select label={t('connect.to')} value={ends[1].runId} options={options} onChange={(to) => setConnect({ to })} />
      </div>
      <Segmented
        label={t('connect.curve')}
        value={curve}
        options={curveKindSchema.options.map((value) => ({ value, label: t(`connect.kind.${value}`) }))}
        onChange={(value) => setConnect({ curve: value })}
      />
      <Switch label={t('connect.align')} checked={align} onChange={(value) => setConnect({ align: value })} />
      <Button icon={Waypoints} disabled={busy || anyRunning(runs)} onClick={() => void connect()}>
        {t('connect.start')}
      </Button>
      <Notices place="connect" />
      {result && isOf ? <ConnectionView result={result} /> : <p className="hint">{t('connect.empty')}</p>}
    </Section>
  );
}

function ConnectionView({ result }: { result: Connection }) {
  const { t } = useTranslation();
  const { line, trained, alignment, curve } = result;
  const lines: { name: string; kind: 'unaligned' | 'line' | 'curve'; profile: ConnectionProfile }[] = [
    ...(alignment ? [{ name: t('connect.unaligned'), kind: 'unaligned' as const, profile: alignment.line }] : []),
    { name: t('connect.kind.line'), kind: 'line', profile: line },
    ...(trained ? [{ name: t(`connect.kind.${curve}`), kind: 'curve' as const, profile: trained }] : []),
  ];
  return (
    <div className="connect-result">
      <ConnectionPlot label={t('connect.plotLabel')} lines={lines} />
      <table className="eigenvalues">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">{t('connect.curve')}</span>
            </th>
            <th scope="col">{t('connect.barrier')}</th>
            <th scope="col">±</th>
            <th scope="col">{t('connect.highest')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ name, kind, profile: { barrier, maximum } }) => (
            <tr key={kind}>
              <th scope="row" className={`connection-name ${kind}`}>
                {name}
              </th>
              <td>{formatNumber(barrier.height, 3)}</td>
              <td>{formatNumber(barrier.standardError, 2)}</td>
              <td>{formatNumber(maximum, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {alignment && (
        <p className="hint">
          {t(alignment.rescaled ? 'connect.alignedRescaled' : 'connect.aligned', {
            moved: formatInteger(alignment.moved),
            units: formatInteger(alignment.units),
            flipped: formatInteger(alignment.flipped),
            before: formatNumber(alignment.distance[0], 3),
            after: formatNumber(alignment.distance[1], 3),
          })}
        </p>
      )}
      <Button size="small" icon={Layers2} onClick={() => void showConnection(result)}>
        {t('connect.show')}
      </Button>
    </div>
  );
}
