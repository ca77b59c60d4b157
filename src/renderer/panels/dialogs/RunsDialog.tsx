import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RunInfo } from '../../../shared/model/run';
import { deleteRun, useRuns } from '../../state/runs';
import { openRecorded } from '../../state/session';
import { Button, IconButton } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { formatDate, formatInteger, formatSeconds } from '../../ui/format';

/** Everything recorded, newest first: open it again or delete it. */
export function RunsDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const library = useRuns((state) => state.library);
  const unreadable = useRuns((state) => state.unreadable);
  return (
    <Dialog title={t('library.title')} wide onClose={onClose}>
      {library === null && <p className="quiet">{t('pane.loading')}</p>}
      {library?.length === 0 && <p className="quiet">{t('library.empty')}</p>}
      <ul className="library">
        {library?.map((run) => (
          <LibraryRow key={run.id} run={run} onClose={onClose} />
        ))}
      </ul>
      {unreadable.map(({ path, reason }) => (
        <p key={path} className="library-unreadable" role="note">
          {t('library.unreadable', { path, reason })}
        </p>
      ))}
    </Dialog>
  );
}

function LibraryRow({ run, onClose }: { run: RunInfo; onClose(): void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const open = () => {
    onClose();
    void openRecorded(run);
  };
  return (
    <li className="library-row">
      <button type="button" className="library-open" onClick={open}>
        <span className="library-name">{run.experiment.name}</span>
        <span className="quiet">
          {formatDate(run.createdAt)} · {t(`outcome.${run.outcome.kind}`, { step: formatInteger(run.outcome.step) })} ·{' '}
          {formatSeconds(run.seconds)}
        </span>
      </button>
      {asking ? (
        <div className="library-ask">
          <Button
            variant="danger"
            size="small"
            onClick={() => void deleteRun(run.id, t('library.deleted', { name: run.experiment.name }))}
          >
            {t('library.delete')}
          </Button>
          <Button size="small" onClick={() => setAsking(false)}>
            {t('library.keep')}
          </Button>
        </div>
      ) : (
        <IconButton
          label={t('library.deleteNamed', { name: run.experiment.name })}
          icon={Trash2}
          inDialog
          disabled={run.outcome.kind === 'running'}
          onClick={() => setAsking(true)}
        />
      )}
    </li>
  );
}
