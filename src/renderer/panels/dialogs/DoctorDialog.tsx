import { ClipboardCopy, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { doctorText, formatDuration } from '../../../shared/math/executorText';
import {
  type DoctorReport,
  type ExecutorCheck,
  type ExecutorReport,
  hasFailedCheck,
} from '../../../shared/model/executors';
import { executorNames } from '../../../shared/model/experiment';
import { inWords } from '../../i18n/said';
import { examine, prefer, useDoctor } from '../../state/doctor';
import { useJobs } from '../../state/jobs';
import { announce } from '../../state/notices';
import { anyRunning, useRuns } from '../../state/runs';
import { useSettings } from '../../state/settings';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { formatDate, formatInteger, formatNumber } from '../../ui/format';
import { Select } from '../../ui/Select';
import { Notices } from '../Notices';
import { ProgressCard } from '../stage/ProgressCards';
import { passedOverInWords } from '../useSelectionText';

/** The page of `atlas doctor`: every executor, checked and timed, and what Automatic takes. */
export function DoctorDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { busy, report } = useDoctor();
  const job = useJobs(({ jobs }) => jobs.find(({ label }) => label === 'executors') ?? null);
  const training = useRuns(({ runs }) => anyRunning(runs));
  const preferred = useSettings((state) => state.settings.executor);
  const [copied, setCopied] = useState<'copied' | 'copyFailed' | null>(null);
  const copy = async (text: string) => {
    const outcome = await navigator.clipboard.writeText(text).then(
      () => 'copied' as const,
      () => 'copyFailed' as const,
    );
    setCopied(outcome);
    announce(t(`doctor.${outcome}`));
  };
  return (
    <Dialog
      title={t('doctor.title')}
      wide
      onClose={onClose}
      footer={
        <>
          {copied && <span className="quiet">{t(`doctor.${copied}`)}</span>}
          <Button
            icon={ClipboardCopy}
            disabled={!report}
            onClick={() => report && void copy(`${doctorText(report).join('\n')}\n`)}
          >
            {t('doctor.copy')}
          </Button>
          <Button icon={RefreshCw} disabled={busy} onClick={() => void examine(true)}>
            {t('doctor.remeasure')}
          </Button>
          <Button variant="primary" onClick={onClose}>
            {t('action.close')}
          </Button>
        </>
      }
    >
      <div className="doctor">
        <p className="quiet">{t('doctor.intro')}</p>
        <div>
          <Select
            label={t('doctor.preferred')}
            value={preferred}
            options={[
              { value: 'auto', label: t('training.auto') },
              ...executorNames.map((name) => ({ value: name, label: name })),
            ]}
            onChange={prefer}
          />
          <p className="hint">{t('doctor.preferredHint')}</p>
        </div>
        {job && <ProgressCard job={job} />}
        {!job && !report && (
          <div className="doctor-ask">
            {training && <p className="quiet">{t('doctor.busy')}</p>}
            <Button onClick={() => void examine()}>{t('doctor.examine')}</Button>
          </div>
        )}
        <Notices place="app" />
        {report && <Page report={report} />}
      </div>
    </Dialog>
  );
}

function Page({ report }: { report: DoctorReport }) {
  const { t } = useTranslation();
  return (
    <>
      <ul className="doctor-list">
        {report.executors.map((executor) => (
          <ExecutorItem key={executor.name} report={executor} />
        ))}
      </ul>
      <Speeds report={report} />
      <section>
        <h3>{t('doctor.machine')}</h3>
        <Machine machine={report.machine} />
      </section>
    </>
  );
}

function ExecutorItem({ report }: { report: ExecutorReport }) {
  const { t } = useTranslation();
  const { state, description, reason, cure, said, precision, threads, library, devices, software, unchecked } = report;
  const failed = hasFailedCheck(report);
  const facts = [
    precision,
    threads !== null && t('doctor.threads', { count: threads }),
    library && `${library.name} ${library.version}`,
    ...devices,
    software && t('doctor.software'),
  ].filter(Boolean);
  return (
    <li data-executor={report.name} data-state={failed ? 'failed' : state}>
      <p className="doctor-name">
        <strong>{description}</strong>
        <span className="doctor-state">{t(`doctor.state.${state}`)}</span>
      </p>
      {facts.length > 0 && <p className="quiet">{facts.join(' · ')}</p>}
      {(reason || cure) && (
        <p>
          {[reason && inWords(said, 'text', reason), cure && inWords(said, 'cure', cure)].filter(Boolean).join(' ')}
        </p>
      )}
      <CheckLine report={report} />
      {unchecked.map(({ net, reason: why, said: whySaid }) => (
        <p key={net} className="quiet">
          {t('doctor.unchecked', { net: t(`doctor.net.${net}`), reason: inWords(whySaid, 'text', why) })}
        </p>
      ))}
    </li>
  );
}

/** The worst of the checks, measured in tolerances. */
function CheckLine({ report: { checks } }: { report: ExecutorReport }) {
  const { t } = useTranslation();
  const [first, ...others] = checks;
  if (!first) return null;
  const inTolerances = ({ error, tolerance }: ExecutorCheck) => (error ?? Number.POSITIVE_INFINITY) / tolerance;
  const worst = others.reduce((a, b) => (inTolerances(b) > inTolerances(a) ? b : a), first);
  const values = { error: formatNumber(worst.error, 2), tolerance: formatNumber(worst.tolerance, 1) };
  return (
    <p className="doctor-check">
      {t(worst.passed ? 'doctor.passed' : 'doctor.failed', values)} {worst.message}
    </p>
  );
}

const purposes = ['gradient', 'point'] as const;

/** Two rows for each representative network; what Automatic takes is set off. */
function Speeds({ report: { executors, choices, measuredAt } }: { report: DoctorReport }) {
  const { t } = useTranslation();
  const timed = executors.filter(({ speeds }) => speeds.length > 0);
  const partly = timed.some(({ speeds }) => speeds.some(({ measured, examples }) => measured < examples));
  return (
    <section>
      <h3>{t('doctor.speed')}</h3>
      <div className="doctor-scroll">
        <table className="doctor-speeds">
          <thead>
            <tr>
              <th scope="col">{t('doctor.network')}</th>
              <th scope="col">{t('doctor.per')}</th>
              {timed.map(({ name }) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
              <th scope="col">{t('doctor.auto')}</th>
            </tr>
          </thead>
          <tbody>
            {choices.flatMap((choice) =>
              purposes.map((purpose) => {
                const { executor, selection } = choice[purpose];
                return (
                  <tr key={`${choice.net} ${purpose}`} data-net={choice.net}>
                    {purpose === 'gradient' && (
                      <th scope="rowgroup" rowSpan={purposes.length}>
                        {choice.model}
                        <small>{t('doctor.examples', { count: choice.examples })}</small>
                      </th>
                    )}
                    <th scope="row">{t(`doctor.${purpose}`)}</th>
                    {timed.map(({ name, speeds }) => {
                      const speed = speeds.find(({ net }) => net === choice.net);
                      const scaled = speed && speed.measured < speed.examples ? '≈ ' : '';
                      return (
                        <td key={name} className="number" data-chosen={name === executor}>
                          {speed ? `${scaled}${formatDuration(speed[purpose])}` : '–'}
                        </td>
                      );
                    })}
                    <td>
                      {executor}
                      {selection.by === 'preferred' && <small>{t('selection.preferred')}</small>}
                      {selection.passedOver.map((passed) => (
                        <small key={passed.executor}>{t('selection.passedOver', passedOverInWords(passed))}</small>
                      ))}
                    </td>
                  </tr>
                );
              }),
            )}
          </tbody>
        </table>
      </div>
      <p className="hint">
        {measuredAt ? t('doctor.measuredAt', { date: formatDate(measuredAt) }) : t('doctor.notMeasured')}
        {partly && ` ${t('doctor.scaled')}`}
      </p>
    </section>
  );
}

function Machine({ machine }: { machine: DoctorReport['machine'] }) {
  const { t } = useTranslation();
  const { cpu, cores, memoryBytes, platform, node, v8, electron, version, dataFolder, dataFolderWritable } = machine;
  const runtime = [`Loss Atlas ${version}`, electron && `Electron ${electron}`, `Node ${node}`, `V8 ${v8}`];
  const facts = [
    [t('doctor.processor'), t('doctor.cores', { cpu, count: cores })],
    [t('doctor.memory'), `${formatInteger(memoryBytes / 2 ** 30)} GiB`],
    [t('doctor.system'), platform],
    [t('doctor.runtime'), runtime.filter(Boolean).join(', ')],
    [t('doctor.kernels'), machine.kernels ?? t('doctor.none')],
    [t('doctor.folder'), dataFolderWritable ? dataFolder : t('doctor.notWritable', { folder: dataFolder })],
  ] as const;
  return (
    <dl className="fact-grid wide">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="path">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
