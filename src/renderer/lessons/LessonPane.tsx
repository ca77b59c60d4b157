import { ArrowLeft, ArrowRight, BookOpen, Check, Presentation, Printer, RotateCcw, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Lesson, LessonStep } from '../../shared/model/lesson';
import { useWords } from '../i18n/words';
import { captureStage, setPager } from '../state/commands';
import {
  chartsOf,
  closeLesson,
  currentStep,
  goTo,
  isRevealed,
  measure,
  nextStep,
  prepareHandOut,
  previousStep,
  resetStep,
  scenesOf,
  stateOf,
  togglePresenting,
  useLessons,
} from '../state/lessons';
import { train } from '../state/session';
import { useSettings } from '../state/settings';
import { Button, IconButton } from '../ui/Button';
import { Controls } from './Controls';
import { Markdown } from './Markdown';
import { Measured } from './Measured';
import { Predict } from './Predict';
import { Question } from './Question';
import { StudyChartView } from './StudyChartView';
import './lessons.css';

/** Left pane while a lesson is open: its text, what is asked, dragged and measured. */
export function LessonPane() {
  const { t } = useTranslation();
  const words = useWords();
  const lesson = useLessons((state) => state.lesson);
  const index = useLessons((state) => state.index);
  const step = useLessons(currentStep);
  const scroll = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  usePager(scroll);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new step begins at its top, and is told to screen readers
  useEffect(() => {
    scroll.current?.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [lesson, step]);
  if (!lesson || !step) return null;
  const last = lesson.steps.length - 1;
  return (
    <section className="pane lesson" id="lesson" data-lesson={lesson.name} aria-label={t('pane.lesson')} tabIndex={-1}>
      <header className="lesson-header">
        <BookOpen aria-hidden className="icon" />
        <div>
          <h2>{words(lesson.title)}</h2>
          <p className="quiet">
            {t('lessons.section', { section: lesson.section })} · {t('lessons.minutes', { count: lesson.minutes })}
          </p>
        </div>
        <IconButton label={t('lessons.print')} icon={Printer} onClick={() => void prepareHandOut(captureStage)} />
        <IconButton label={t('lessons.present')} shortcut="P" icon={Presentation} onClick={togglePresenting} />
        <IconButton label={t('lessons.close')} icon={X} onClick={closeLesson} />
      </header>
      <StepList lesson={lesson} index={index} />
      <div className="pane-scroll lesson-scroll" ref={scroll}>
        <h3 ref={heading} tabIndex={-1}>
          {words(step.title)}
        </h3>
        <StepBody step={step} />
      </div>
      <footer className="lesson-footer">
        <Button icon={ArrowLeft} disabled={index === 0} onClick={previousStep}>
          {t('lessons.back')}
        </Button>
        <IconButton label={t('lessons.reset')} shortcut="R" side="top" icon={RotateCcw} onClick={resetStep} />
        <span className="quiet number">{t('lessons.stepOf', { step: index + 1, count: last + 1 })}</span>
        {index < last ? (
          <Button variant="primary" onClick={nextStep}>
            {t('lessons.next')}
            <ArrowRight aria-hidden className="icon" />
          </Button>
        ) : (
          <Button
            variant="primary"
            icon={Check}
            onClick={() => {
              nextStep();
              closeLesson();
            }}
          >
            {t('lessons.finish')}
          </Button>
        )}
      </footer>
    </section>
  );
}

function StepList({ lesson, index }: { lesson: Lesson; index: number }) {
  const { t } = useTranslation();
  const words = useWords();
  const done = useSettings((state) => state.settings.lessons.done[lesson.name]);
  return (
    <nav className="step-list" aria-label={t('lessons.steps')}>
      <ol>
        {lesson.steps.map(({ id, title }, i) => {
          const isDone = done?.includes(id) ?? false;
          const name = t('lessons.stepName', { number: i + 1, title: words(title) });
          return (
            <li key={id}>
              <button
                type="button"
                title={words(title)}
                aria-label={isDone ? `${name}, ${t('lessons.stepDone')}` : name}
                aria-current={i === index ? 'step' : undefined}
                data-done={isDone}
                onClick={() => goTo(i)}
              >
                {i + 1}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function StepBody({ step }: { step: LessonStep }) {
  const { t } = useTranslation();
  const words = useWords();
  const own = useLessons((state) => stateOf(state, step.id));
  const presenting = useLessons((state) => state.presenting);
  const revealed = isRevealed(step, own);
  const { result, running, error } = own;
  // Without a scene the charts have the stage; in presenter mode one stands below it.
  const charts = step.stage || scenesOf(step, own).length > 0 ? chartsOf(step, own) : [];
  return (
    <div
      className="lesson-body"
      data-study={step.study ? (running ? 'running' : result ? 'done' : 'waiting') : 'none'}
      data-stage={step.stage !== undefined}
    >
      <div className="lesson-text">
        <Markdown text={words(step.body)} />
      </div>
      <Predict key={step.id} step={step} own={own} />
      {revealed && <Controls step={step} own={own} />}
      {step.stage && (
        <Button size="small" icon={RotateCcw} onClick={() => void train()}>
          {t('lessons.runAgain')}
        </Button>
      )}
      {error && (
        <div className="lesson-error" role="alert">
          <p>
            {error.code === 'cancelled'
              ? t('lessons.cancelled')
              : [error.message, error.cure].filter(Boolean).join(' ')}
          </p>
          <Button size="small" onClick={() => void measure(step)}>
            {t('lessons.retry')}
          </Button>
        </div>
      )}
      {step.study && !result && !error && (
        <p className="quiet" role="status">
          {running ? (
            t('lessons.measuring')
          ) : (
            <Button variant="primary" onClick={() => void measure(step)}>
              {t('lessons.measure')}
            </Button>
          )}
        </p>
      )}
      {result && revealed && (
        <div className="lesson-results" data-stale={running}>
          <Measured step={step} own={own} result={result} />
          {!presenting && charts.map(([name, chart]) => <StudyChartView key={name} chart={chart} height={170} />)}
        </div>
      )}
      <Question key={`${step.id} question`} step={step} own={own} />
    </div>
  );
}

/** How far a press of a presenter's remote scrolls, as a share of what is in sight. */
const pageShare = 0.8;

/** A remote has two buttons: it scrolls the text before it moves on. */
function usePager(scroll: React.RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    setPager((direction) => {
      const element = scroll.current;
      if (!element) return false;
      const { scrollTop, scrollHeight, clientHeight } = element;
      const room = direction > 0 ? scrollHeight - clientHeight - scrollTop : scrollTop;
      if (room < 8) return false;
      element.scrollBy({ top: direction * pageShare * clientHeight });
      return true;
    });
    return () => setPager(null);
  }, [scroll]);
}
