import { Printer } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Lesson, LessonStep } from '../../shared/model/lesson';
import { currentLanguage } from '../i18n';
import { useWords } from '../i18n/words';
import {
  chartsOf,
  closeHandOut,
  type HandOutPicture,
  hasOwnSettings,
  scenesOf,
  shownOf,
  stateOf,
  useLessons,
} from '../state/lessons';
import { Button } from '../ui/Button';
import { Markdown } from './Markdown';
import { Claims, Facts, sourceText, Table } from './Measured';
import { PrintChart } from './PrintChart';

/** The whole lesson on paper: text, formulas, figures, facts and questions; answers on the last page. */
export function HandOut() {
  const { t } = useTranslation();
  const lesson = useLessons((state) => state.lesson);
  const index = useLessons((state) => state.index);
  const handOut = useLessons((state) => state.handOut);
  const preparing = handOut?.state === 'preparing';
  useEffect(() => {
    document.documentElement.toggleAttribute('data-preparing', preparing);
  }, [preparing]);
  useEffect(() => () => document.documentElement.removeAttribute('data-preparing'), []);
  if (!lesson || !handOut) return null;
  if (preparing) {
    const count = lesson.steps.length;
    return (
      <div className="hand-out-progress" role="alertdialog" aria-label={t('lessons.print')}>
        <div>
          <p>{t('lessons.handOut.preparing', { step: index + 1, count })}</p>
          <progress
            aria-label={t('lessons.handOut.preparing', { step: index + 1, count })}
            value={index + 1}
            max={count}
          />
          <Button onClick={closeHandOut}>{t('action.cancel')}</Button>
        </div>
      </div>
    );
  }
  return (
    <div className="hand-out" role="dialog" aria-label={t('lessons.handOut.title')}>
      <div className="hand-out-bar">
        <Button variant="primary" icon={Printer} onClick={() => window.print()}>
          {t('lessons.handOut.print')}
        </Button>
        <Button onClick={closeHandOut}>{t('lessons.handOut.close')}</Button>
      </div>
      <Pages lesson={lesson} pictures={handOut.pictures} />
    </div>
  );
}

function Pages({ lesson, pictures }: { lesson: Lesson; pictures: readonly HandOutPicture[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const questions = lesson.steps.filter(({ question }) => question);
  const date = new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'long' }).format(new Date());
  return (
    <article className="sheet">
      <header>
        <h1>{words(lesson.title)}</h1>
        <p>{words(lesson.summary)}</p>
        <p className="sheet-source">
          {t(`lessons.topic.${lesson.topic}`)} · {t('lessons.section', { section: lesson.section })}
        </p>
      </header>
      {lesson.steps.map((step, i) => (
        <StepSheet
          key={step.id}
          step={step}
          number={i + 1}
          pictures={pictures.filter((picture) => picture.step === step.id)}
        />
      ))}
      {questions.length > 0 && (
        <section className="sheet-answers">
          <h2>{t('lessons.handOut.answers')}</h2>
          {lesson.steps.map(({ id, question }, i) => {
            if (!question) return null;
            return (
              <div key={id} className="sheet-answer">
                <h3>{t('lessons.stepName', { number: i + 1, title: words(lesson.steps[i]!.title) })}</h3>
                <p>
                  {question.choices.map(
                    ({ text, correct }, c) =>
                      correct && (
                        <span key={text.en}>
                          {choiceLetter(c)} <Markdown inline text={words(text)} />{' '}
                        </span>
                      ),
                  )}
                </p>
                <Markdown text={words(question.answer)} />
              </div>
            );
          })}
        </section>
      )}
      <footer className="sheet-source">{t('lessons.handOut.footer', { date })}</footer>
    </article>
  );
}

const choiceLetter = (index: number): string => `${'abcdef'[index]})`;

interface StepSheetProps {
  step: LessonStep;
  number: number;
  pictures: readonly HandOutPicture[];
}

function StepSheet({ step, number, pictures }: StepSheetProps) {
  const { t } = useTranslation();
  const words = useWords();
  const own = useLessons((state) => stateOf(state, step.id));
  const { result } = own;
  const scenes = Object.fromEntries(scenesOf(step, own));
  return (
    <section className="sheet-step">
      <h2>
        {number}. {words(step.title)}
      </h2>
      <Markdown text={words(step.body)} />
      {step.predict && (
        <div className="sheet-ask">
          <Markdown text={words(step.predict.ask)} />
          <p>
            {t('lessons.handOut.prediction')}
            <span className="sheet-blank" />
          </p>
        </div>
      )}
      <div className="sheet-figures">
        {pictures.map(({ scene, url }) => (
          <figure key={scene}>
            <img src={url} alt={scene === '' ? words(step.title) : words(scenes[scene]?.label ?? step.title)} />
            <figcaption>{scene === '' ? words(step.title) : words(scenes[scene]?.label ?? step.title)}</figcaption>
          </figure>
        ))}
        {chartsOf(step, own).map(([name, chart]) => (
          <figure key={name}>
            <PrintChart chart={chart} />
            <figcaption>{words(chart.label)}</figcaption>
          </figure>
        ))}
      </div>
      {result && (
        <>
          <Facts facts={shownOf(result.facts, step.study?.facts)} />
          {shownOf(result.tables, step.study?.tables).map(([name, table]) => (
            <Table key={name} table={table} />
          ))}
          {step.claims.length > 0 && <Claims claims={step.claims} facts={result.facts} settled={hasOwnSettings(own)} />}
          <p className="sheet-source">{sourceText(result, t)}</p>
        </>
      )}
      {step.question && (
        <div className="sheet-ask">
          <Markdown text={words(step.question.ask)} />
          <ul>
            {step.question.choices.map(({ text }, i) => (
              <li key={text.en}>
                {choiceLetter(i)} <Markdown inline text={words(text)} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
