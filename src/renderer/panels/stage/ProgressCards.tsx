import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Job, useJobs } from '../../state/jobs';
import { Button } from '../../ui/Button';
import { formatPercent, formatSeconds } from '../../ui/format';

/** Work shorter than this is over before a card could be read. */
const showAfter = 500;

/** What the engine is doing, how far it is, how long still, and the way to end it. */
export function ProgressCards() {
  const jobs = useJobs((state) => state.jobs);
  const [now, setNow] = useState(0);
  const waiting = jobs.some((job) => !job.background);
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [waiting]);
  return jobs
    .filter((job) => !job.background && now - job.startedAt > showAfter)
    .map((job) => <ProgressCard key={job.id} job={job} />);
}

export function ProgressCard({ job }: { job: Job }) {
  const { t } = useTranslation();
  const { progress } = job;
  const label = t(`progress.${progress?.label ?? job.label}`);
  const share = progress && progress.total > 0 ? progress.done / progress.total : null;
  return (
    <div className="progress-card" data-job={job.label}>
      <div className="progress-text">
        <span>{label}</span>
        <span className="number quiet">
          {share !== null && formatPercent(share, 0)}
          {progress && progress.secondsLeft !== null && (
            <> · {t('progressTime.left', { time: formatSeconds(progress.secondsLeft) })}</>
          )}
        </span>
      </div>
      <Button size="small" onClick={job.cancel}>
        {t('action.cancel')}
      </Button>
      <progress aria-label={label} {...(share !== null && { value: share, max: 1 })} />
    </div>
  );
}
