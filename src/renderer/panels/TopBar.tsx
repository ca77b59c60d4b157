import { BookOpen, CircleHelp, FolderOpen, History, ImageDown, Languages, Moon, Redo2, Sun, Undo2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { settingsSchema } from '../../shared/contract';
import { useCatalog } from '../state/catalog';
import { openDialog } from '../state/commands';
import { automaticName } from '../state/draft';
import { useLessons } from '../state/lessons';
import { newExperiment } from '../state/session';
import { toggleTheme, updateSettings, useSettings } from '../state/settings';
import { edit, loadShipped, redo, undo, useHistory, useWorkbench } from '../state/workbench';
import { Button, IconButton } from '../ui/Button';
import { commandKey } from '../ui/keys';
import { Logo } from '../ui/Logo';
import { useCatalogText } from '../ui/useCatalogText';

const languageChoices = settingsSchema.shape.language.unwrap().options;

export function TopBar() {
  const { t } = useTranslation();
  const catalogText = useCatalogText();
  const catalog = useCatalog((state) => state.catalog);
  const name = useWorkbench((state) => state.draft?.name ?? '');
  const automatic = useWorkbench(({ draft }) => (draft ? automaticName(draft, catalog) : ''));
  const inLesson = useLessons((state) => state.lesson !== null);
  const canUndo = useHistory((state) => state.pastStates.length > 0) && !inLesson;
  const canRedo = useHistory((state) => state.futureStates.length > 0) && !inLesson;
  const theme = useSettings((state) => state.theme);
  const language = useSettings((state) => state.settings.language);
  return (
    <header className="top-bar">
      <div className="brand">
        <Logo />
        <h1>Loss Atlas</h1>
      </div>
      <input
        className="experiment-name"
        aria-label={t('topBar.name')}
        data-history=""
        value={name}
        placeholder={automatic}
        maxLength={200}
        spellCheck={false}
        onChange={(event) => edit('name', (draft) => ({ ...draft, name: event.target.value }))}
      />
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button icon={FolderOpen} variant="ghost" aria-label={t('topBar.load')}>
            <span className="button-text">{t('topBar.load')}</span>
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="start" sideOffset={6} collisionPadding={8}>
            <DropdownMenu.Label className="menu-label">{t('topBar.shipped')}</DropdownMenu.Label>
            {(catalog?.experiments ?? []).map((experiment) => (
              <DropdownMenu.Item
                key={experiment.name}
                className="menu-item two-lines"
                onSelect={() => loadShipped(experiment.name)}
              >
                <span>{catalogText(`experiment.${experiment.name}.title`, experiment.title)}</span>
                {experiment.experiment.description && (
                  <small>
                    {catalogText(`experiment.${experiment.name}.description`, experiment.experiment.description)}
                  </small>
                )}
              </DropdownMenu.Item>
            ))}
            <DropdownMenu.Separator className="menu-separator" />
            <DropdownMenu.Item className="menu-item" onSelect={newExperiment}>
              {t('topBar.new')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item" onSelect={() => openDialog('open')}>
              {t('topBar.openFile')}
              <kbd>{commandKey('O')}</kbd>
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Button icon={History} variant="ghost" aria-label={t('topBar.runs')} onClick={() => openDialog('runs')}>
        <span className="button-text">{t('topBar.runs')}</span>
      </Button>
      <Button icon={BookOpen} variant="ghost" aria-label={t('topBar.lessons')} onClick={() => openDialog('lessons')}>
        <span className="button-text">{t('topBar.lessons')}</span>
      </Button>
      <div className="group">
        <IconButton
          label={t('topBar.undo')}
          shortcut={commandKey('Z')}
          icon={Undo2}
          disabled={!canUndo}
          onClick={undo}
        />
        <IconButton
          label={t('topBar.redo')}
          shortcut={commandKey('⇧Z')}
          icon={Redo2}
          disabled={!canRedo}
          onClick={redo}
        />
      </div>
      <div className="spacer" />
      <IconButton
        label={t('topBar.export')}
        shortcut={commandKey('E')}
        icon={ImageDown}
        onClick={() => openDialog('export')}
      />
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <button type="button" className="icon-button" aria-label={t('topBar.language')}>
            <Languages aria-hidden className="icon" />
          </button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={6} collisionPadding={8}>
            <DropdownMenu.RadioGroup
              value={language}
              onValueChange={(value) => updateSettings({ language: value as typeof language })}
            >
              {languageChoices.map((choice) => (
                <DropdownMenu.RadioItem key={choice} value={choice} className="menu-item checkable">
                  {t(`language.${choice}`)}
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <IconButton
        label={t(theme === 'dark' ? 'topBar.light' : 'topBar.dark')}
        shortcut="M"
        icon={theme === 'dark' ? Sun : Moon}
        onClick={toggleTheme}
      />
      <IconButton label={t('topBar.help')} shortcut="?" icon={CircleHelp} onClick={() => openDialog('help')} />
    </header>
  );
}
