import { lazy, Suspense, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { onConnection } from './api';
import { i18next } from './i18n';
import { Dialogs } from './panels/dialogs/Dialogs';
import { ExperimentPanel } from './panels/experiment/ExperimentPanel';
import { InspectionPanel } from './panels/inspection/InspectionPanel';
import { LiveRegion, Notices } from './panels/Notices';
import { OutcomeAnnouncer } from './panels/OutcomeAnnouncer';
import { StagePanel } from './panels/stage/StagePanel';
import { TopBar } from './panels/TopBar';
import { TimelinePanel } from './panels/timeline/TimelinePanel';
import type { SceneHandlers } from './scene/model';
import type { VolumeHandlers } from './scene/volume/model';
import { connectMenu, connectShortcuts, setScene, useDialog } from './state/commands';
import { chooseMark } from './state/critical';
import { hoverAt } from './state/landscape';
import { connectLessons, shownScene, useLessons } from './state/lessons';
import { connectMotion } from './state/motion';
import { useRuns } from './state/runs';
import { useSceneModel } from './state/scene';
import { pickPoint } from './state/session';
import { updateSettings, useSettings } from './state/settings';
import { playhead } from './state/timeline';
import { connectVolume, stepVolume, toggleVolumePart, useVolume } from './state/volume';
import { useVolumeModel } from './state/volumeScene';
import { openWorkbench } from './state/workspace';
import { Button } from './ui/Button';
import { ErrorBoundary } from './ui/ErrorBoundary';
import { Splitter } from './ui/Splitter';
import { TooltipProvider } from './ui/Tooltip';

// The scene is most of the code: the workbench stands before it is there.
const LessonPane = lazy(() => import('./lessons').then((lessons) => ({ default: lessons.LessonPane })));
const LessonStage = lazy(() => import('./lessons').then((lessons) => ({ default: lessons.LessonStage })));
const OneChart = lazy(() => import('./lessons').then((lessons) => ({ default: lessons.OneChart })));
const LessonLibrary = lazy(() => import('./lessons').then((lessons) => ({ default: lessons.LessonLibrary })));
const LessonExtras = lazy(() => import('./lessons').then((lessons) => ({ default: lessons.LessonExtras })));
const Landscape = lazy(() => import('./scene').then((scene) => ({ default: scene.Landscape })));
const VolumeLandscape = lazy(() => import('./scene').then((scene) => ({ default: scene.VolumeLandscape })));

const handlers: SceneHandlers = {
  onHover: hoverAt,
  onPick: (x, y) => {
    // What a study drew is no landscape of the workbench: nothing begins there.
    if (!shownScene(useLessons.getState())) void pickPoint(x, y);
  },
  onPickMark: chooseMark,
};

const volumeHandlers: VolumeHandlers = { onStep: stepVolume, onToggle: toggleVolumePart };

function Scene() {
  const volume = useVolume((state) => state.open);
  return volume ? <VolumeScene /> : <LandscapeScene />;
}

function VolumeScene() {
  const model = useVolumeModel();
  return (
    <Suspense fallback={null}>
      <VolumeLandscape model={model} playhead={playhead} handlers={volumeHandlers} ref={setScene} />
    </Suspense>
  );
}

function LandscapeScene() {
  const model = useSceneModel();
  return (
    <Suspense fallback={null}>
      <Landscape model={model} playhead={playhead} handlers={handlers} ref={setScene} />
    </Suspense>
  );
}

const skipTargets = ['experiment', 'landscape', 'inspection', 'timeline'] as const;
/** A study's step has nothing on the stage that could be inspected. */
const lessonTargets = (inspected: boolean) =>
  inspected
    ? (['lesson', 'landscape', 'inspection', 'timeline'] as const)
    : (['lesson', 'landscape', 'timeline'] as const);

export function App() {
  const { t } = useTranslation();
  const lesson = useLessons((state) => state.lesson !== null);
  const runs = useRuns(hasRuns);
  const library = useDialog((state) => state.dialog === 'lessons');
  useEffect(() => {
    const undos = [
      openWorkbench({
        engineRestarted: () => ({
          message: i18next.t('engine.restarted'),
          cure: i18next.t('engine.restartedCure'),
        }),
        openingRace: () => i18next.t('announce.openingRace'),
      }),
      connectShortcuts(),
      connectMenu(),
      connectLessons(),
      connectMotion(),
      connectVolume(),
    ];
    return () => {
      for (const undo of undos) undo();
    };
  }, []);
  const scene = useMemo(() => <Scene />, []);
  return (
    <TooltipProvider>
      <nav className="skip-links" aria-label={t('skip.title')}>
        {(lesson ? lessonTargets(runs) : skipTargets).map((target) => (
          <a key={target} href={`#${target}`}>
            {t(`skip.${target}`)}
          </a>
        ))}
      </nav>
      <TopBar />
      <Connection />
      <Notices place="app" />
      <Workbench scene={scene} />
      <Dialogs />
      <Suspense fallback={null}>
        {library && <LessonLibrary />}
        {lesson && <LessonExtras />}
      </Suspense>
      <OutcomeAnnouncer />
      <LiveRegion />
    </TooltipProvider>
  );
}

/** Said while the engine cannot be reached (the browser host can lose it). */
function Connection() {
  const { t } = useTranslation();
  const connected = useConnection();
  if (connected) return null;
  return (
    <p className="connection" role="status">
      {t('engine.connecting')}
    </p>
  );
}

let connectedNow = true;
const subscribeConnection = (changed: () => void): (() => void) =>
  onConnection((connected) => {
    connectedNow = connected;
    changed();
  });
const useConnection = (): boolean => useSyncExternalStore(subscribeConnection, () => connectedNow);

const hasRuns = ({ runs, starting }: ReturnType<typeof useRuns.getState>): boolean => runs.length > 0 || starting;

const leftBounds = { min: 248, max: 460, usual: 304 };
const lessonBounds = { min: 320, max: 720, usual: 464 };
const rightBounds = { min: 256, max: 560, usual: 352 };

function Workbench({ scene }: { scene: React.ReactNode }) {
  const { t } = useTranslation();
  const sizes = useSettings((state) => state.settings.paneSizes);
  const lesson = useLessons((state) => state.lesson !== null);
  const presenting = useLessons((state) => state.presenting);
  const runs = useRuns(hasRuns);
  const left = sizes[0] ?? leftBounds.usual;
  const right = sizes[1] ?? rightBounds.usual;
  const lessonWidth = sizes[2] ?? lessonBounds.usual;
  const resize = (change: { left?: number; right?: number; lesson?: number }) => {
    const next = { left, right, lesson: lessonWidth, ...change };
    updateSettings({ paneSizes: [next.left, next.right, next.lesson] });
  };
  const inspected = !lesson || runs;
  return (
    <main
      className="workbench"
      data-lesson={lesson}
      data-inspected={inspected}
      style={
        {
          '--left-pane': `${(lesson ? lessonWidth : left) / 16}rem`,
          '--right-pane': `${right / 16}rem`,
        } as React.CSSProperties
      }
    >
      <Guarded>
        {lesson ? (
          <Suspense fallback={<section className="pane lesson" id="lesson" aria-label={t('pane.lesson')} />}>
            <LessonPane />
          </Suspense>
        ) : (
          <ExperimentPanel />
        )}
      </Guarded>
      {lesson ? (
        <Splitter
          label={t('pane.resizeLesson')}
          side="left"
          controls="lesson"
          value={lessonWidth}
          {...lessonBounds}
          onChange={(value) => resize({ lesson: value })}
        />
      ) : (
        <Splitter
          label={t('pane.resizeLeft')}
          side="left"
          controls="experiment"
          value={left}
          {...leftBounds}
          onChange={(value) => resize({ left: value })}
        />
      )}
      <Guarded>
        <StagePanel
          scene={scene}
          over={
            lesson && (
              <Suspense fallback={null}>
                <LessonStage />
              </Suspense>
            )
          }
        />
      </Guarded>
      {lesson && presenting && (
        <Suspense fallback={null}>
          <div className="presenter-chart">
            <OneChart />
          </div>
        </Suspense>
      )}
      {inspected && !presenting && (
        <>
          <Splitter
            label={t('pane.resizeRight')}
            side="right"
            controls="inspection"
            value={right}
            {...rightBounds}
            onChange={(value) => resize({ right: value })}
          />
          <Guarded>
            <InspectionPanel />
          </Guarded>
        </>
      )}
      <Guarded>
        <TimelinePanel />
      </Guarded>
    </main>
  );
}

/** A pane that says so when it fails; the others go on. */
function Guarded({ children }: { children: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <ErrorBoundary
      fallback={(retry) => (
        <div className="pane failed-pane" role="alert">
          <p className="empty-title">{t('pane.failed')}</p>
          <Button onClick={retry}>{t('pane.retry')}</Button>
        </div>
      )}
    >
      {children}
    </ErrorBoundary>
  );
}
