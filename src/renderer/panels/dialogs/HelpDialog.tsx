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
          <Keys of={shortcuts} />
          <h3>{t('help.lessonKeys')}</h3>
          <Keys of={lessonShortcuts} />
        </section>
      </div>
    </Dialog>
  );
}

/** Some keys, that of each by its side. One command may have several. */
function Keys({ of }: { of: typeof shortcuts | typeof lessonShortcuts }) {
  const { t } = useTranslation();
  return (
    <dl className="keys">
      {of.map((shortcut) => (
        <div key={`${shortcut.name} ${shortcut.key}`}>
          <dt>{t(`shortcuts.${shortcut.name}`)}</dt>
          <dd>
            <kbd>{keyName(shortcut.key, shortcut)}</kbd>
          </dd>
        </div>
      ))}
    </dl>
  );
}
