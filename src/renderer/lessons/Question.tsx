import { Check, X } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonStep } from '../../shared/model/lesson';
import { useWords } from '../i18n/words';
import { checkAnswer, choose, type StepState } from '../state/lessons';
import { Button } from '../ui/Button';
import { Markdown } from './Markdown';

/** One question, its choices, and the answer with its reason once it was checked. */
export function Question({ step, own }: { step: LessonStep; own: StepState }) {
  const { t } = useTranslation();
  const words = useWords();
  const name = useId();
  const { question } = step;
  if (!question) return null;
  const { choice, checked } = own;
  const chosen = choice === null ? null : question.choices[choice];
  return (
    <section className="lesson-box" aria-label={t('lessons.question.title')}>
      <h4>{t('lessons.question.title')}</h4>
      <fieldset>
        <legend className="lesson-ask">
          <Markdown inline text={words(question.ask)} />
        </legend>
        {question.choices.map(({ text, correct }, i) => {
          const mark = checked ? (correct ? 'right' : i === choice ? 'wrong' : 'other') : 'open';
          return (
            <label key={text.en} className="choice" data-mark={mark}>
              <input type="radio" name={name} checked={i === choice} onChange={() => choose(i)} />
              <span>
                <Markdown inline text={words(text)} />
              </span>
              {mark === 'right' && <Check className="icon" aria-label={t('lessons.question.correct')} />}
              {mark === 'wrong' && <X className="icon" aria-hidden />}
            </label>
          );
        })}
      </fieldset>
      {checked ? (
        <div className="answer" role="status">
          {chosen && (
            <p className="verdict" data-right={chosen.correct}>
              {t(chosen.correct ? 'lessons.question.right' : 'lessons.question.wrong')}
            </p>
          )}
          <Markdown text={words(question.answer)} />
        </div>
      ) : (
        <Button variant="primary" disabled={choice === null} onClick={checkAnswer}>
          {t('lessons.question.check')}
        </Button>
      )}
    </section>
  );
}
