import { Stethoscope } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../state/catalog';
import { lessonShortcuts, openDialog, shortcuts } from '../../state/commands';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { keyName } from '../../ui/keys';

const tips = ['train', 'pick', 'scrub', 'curvature', 'honest'] as const;

export function HelpDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const info = useCatalog((state) => state.info);
  return (
    <Dialog title={t('help.title')} wide onClose={onClose}>
      <div className="help">
        <section>
          <h3>{t('help.start')}</h3>
          <ul className="tips">
            {tips.map((tip) => (
              <li key={tip}>{t(`help.tip.${tip}`)}</li>
            ))}
          </ul>
          {info && (
            <>
              <h3>{t('help.about')}</h3>
              <dl className="fact-grid wide">
                <div>
                  <dt>{t('help.version')}</dt>
                  <dd>{info.version}</dd>
                </div>
                {info.executors.map((executor) => (
                  <div key={executor.name}>
                    <dt>{executor.name}</dt>
                    <dd>{executor.description}</dd>
                  </div>
                ))}
                <div>
                  <dt>{t('help.dataFolder')}</dt>
                  <dd className="path">{info.dataFolder}</dd>
                </div>
              </dl>
            </>
          )}
          <Button icon={Stethoscope} onClick={() => openDialog('doctor')}>
            {t('doctor.open')}
          </Button>
        </section>
        <section>
          <h3>{t('help.keys')}</h3>
          <dl className="keys">
            {shortcuts.map((shortcut) => (
              <div key={shortcut.name}>
                <dt>{t(`shortcuts.${shortcut.name}`)}</dt>
                <dd>
                  <kbd>{keyName(shortcut.key, shortcut)}</kbd>
                </dd>
              </div>
            ))}
          </dl>
          <h3>{t('help.lessonKeys')}</h3>
          <dl className="keys">
            {lessonShortcuts.map((shortcut) => (
              <div key={shortcut.key}>
                <dt>{t(`shortcuts.${shortcut.name}`)}</dt>
                <dd>
                  <kbd>{keyName(shortcut.key, shortcut)}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
