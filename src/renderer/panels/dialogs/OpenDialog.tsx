import { FolderOpen } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { openExperimentFile } from '../../state/session';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';

/** Takes an experiment file from the person's disk. */
export function OpenDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <Dialog title={t('open.title')} onClose={onClose}>
      <p>{t('open.text')}</p>
      <input
        ref={input}
        type="file"
        hidden
        accept="application/json,.json"
        aria-label={t('open.choose')}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (!file) return;
          onClose();
          void openExperimentFile(file, { notAnExperiment: (name) => t('open.notAnExperiment', { name }) });
        }}
      />
      <Button variant="primary" icon={FolderOpen} onClick={() => input.current?.click()}>
        {t('open.choose')}
      </Button>
    </Dialog>
  );
}
