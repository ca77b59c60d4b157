import { useTranslation } from 'react-i18next';
import type { LessonStep } from '../../shared/model/lesson';
import { useWords } from '../i18n/words';
import {
  chartsOf,
  currentStep,
  isRevealed,
  type StepState,
  scenesOf,
  showChart,
  showView,
  stateOf,
  useLessons,
} from '../state/lessons';
import { Segmented } from '../ui/Segmented';
import { typeScale } from '../ui/typeScale';
import { StudyChartView } from './StudyChartView';

/** Over the landscape: which of the step's scenes it shows; the charts in its place where there is none. */
export function LessonStage() {
  const step = useLessons(currentStep);
  const own = useLessons((state) => (step ? stateOf(state, step.id) : null));
  const presenting = useLessons((state) => state.presenting);
  if (!step || !own) return null;
  const scenes = scenesOf(step, own);
  if (step.stage || scenes.length > 0) return <Views step={step} own={own} />;
  return presenting ? <PresentedChart alone /> : <Charts step={step} own={own} />;
}

function Views({ step, own }: { step: LessonStep; own: StepState }) {
  const { t } = useTranslation();
  const words = useWords();
  const views = scenesOf(step, own).map(([value, { label }]) => ({ value, label: words(label) }));
  if (step.stage) views.unshift({ value: 'stage', label: t('lessons.runs') });
  if (views.length < 2) return null;
  return (
    <div className="lesson-views">
      <Segmented
        label={t('lessons.whichScene')}
        value={own.view ?? (views[0]?.value as string)}
        options={views}
        onChange={showView}
      />
    </div>
  );
}

function Charts({ step, own }: { step: LessonStep; own: StepState }) {
  const { t } = useTranslation();
  const charts = isRevealed(step, own) ? chartsOf(step, own) : [];
  // What is left of the window, in pixels at the usual type size.
  const room = (innerHeight / typeScale() - 200) / Math.max(charts.length, 1) - 120;
  const height = Math.min(Math.max(room, 230), 560);
  return (
    <div className="lesson-charts">
      {charts.length > 0 ? (
        charts.map(([name, chart]) => <StudyChartView key={`${step.id} ${name}`} chart={chart} height={height} />)
      ) : (
        <p className="quiet lesson-nothing">{t(waitingText(step, own))}</p>
      )}
    </div>
  );
}

function waitingText(step: LessonStep, own: StepState) {
  if (!isRevealed(step, own)) return 'lessons.guessFirst' as const;
  if (own.running) return 'lessons.measuring' as const;
  return step.study && !own.result ? ('lessons.atTheStart' as const) : ('lessons.wordsOnly' as const);
}

/** Presenter mode: one chart under the landscape. */
export function OneChart() {
  const alone = useLessons((state) => {
    const step = currentStep(state);
    return step !== null && !step.stage && scenesOf(step, stateOf(state, step.id)).length === 0;
  });
  return alone ? null : <PresentedChart alone={false} />;
}

/** One chart, large, the others a choice away. */
function PresentedChart({ alone }: { alone: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const step = useLessons(currentStep);
  const own = useLessons((state) => (step ? stateOf(state, step.id) : null));
  if (!step || !own) return null;
  const charts = isRevealed(step, own) ? chartsOf(step, own) : [];
  const [first] = charts;
  const [name, chart] = charts.find(([candidate]) => candidate === own.chart) ?? first ?? [];
  if (!chart || name === undefined) {
    if (!alone) return null;
    return (
      <div className="lesson-charts">
        <p className="quiet lesson-nothing">{t(waitingText(step, own))}</p>
      </div>
    );
  }
  return (
    <div className="lesson-charts one">
      {charts.length > 1 && (
        <Segmented
          label={t('lessons.whichChart')}
          value={name}
          options={charts.map(([value, { label }]) => ({ value, label: words(label) }))}
          onChange={showChart}
        />
      )}
      <StudyChartView key={`${step.id} ${name}`} chart={chart} height={alone ? 320 : 150} />
    </div>
  );
}
