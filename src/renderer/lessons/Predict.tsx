import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonStep } from '../../shared/model/lesson';
import { useWords } from '../i18n/words';
import { guess, isRevealed, type StepState } from '../state/lessons';
import { Button } from '../ui/Button';
import { formatNumber } from '../ui/format';
import { Markdown } from './Markdown';

/** A number guessed before it is measured, and both side by side afterwards. */
export function Predict({ step, own }: { step: LessonStep; own: StepState }) {
  const { t } = useTranslation();
  const words = useWords();
  const { predict } = step;
  if (!predict) return null;
  return (
    <section className="lesson-box" aria-label={t('lessons.predict.title')}>
      <h4>{t('lessons.predict.title')}</h4>
      <div className="lesson-ask">
        <Markdown text={words(predict.ask)} />
      </div>
      {isRevealed(step, own) ? <Comparison fact={predict.fact} own={own} /> : <Guess />}
    </section>
  );
}

function Guess() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = () => {
    const value = Number(text.trim().replace(',', '.').replace('−', '-'));
    if (text.trim() === '' || !Number.isFinite(value)) setWrong(text.trim() !== '');
    else guess(value);
  };
  return (
    <form
      className="guess"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={`field ${wrong ? 'invalid' : ''}`}>
        <label>
          <span className="field-label">{t('lessons.predict.field')}</span>
          <span className="input">
            <input
              type="text"
              inputMode="decimal"
              autoComplete="off"
              value={text}
              aria-invalid={wrong}
              onChange={(event) => {
                setText(event.target.value);
                setWrong(false);
              }}
            />
          </span>
        </label>
      </div>
      <Button type="submit" variant="primary" disabled={text.trim() === ''}>
        {t('lessons.predict.show')}
      </Button>
      <Button variant="ghost" onClick={() => guess(null)}>
        {t('lessons.predict.skip')}
      </Button>
      {wrong && (
        <p className="issue" role="alert">
          {t('lessons.predict.notANumber', { value: text.trim() })}
        </p>
      )}
    </form>
  );
}

function Comparison({ fact, own }: { fact: string; own: StepState }) {
  const { t } = useTranslation();
  const measured = own.ownFacts?.[fact];
  if (!measured) return <p className="quiet">{t('lessons.measuring')}</p>;
  const { value, unit } = measured;
  const withUnit = (number: number) => `${formatNumber(number)}${unit ? ` ${unit}` : ''}`;
  return (
    <div role="status">
      <dl className="comparison">
        {typeof own.guess === 'number' && (
          <div>
            <dt>{t('lessons.predict.guess')}</dt>
            <dd className="number">{withUnit(own.guess)}</dd>
          </div>
        )}
        <div>
          <dt>{t('lessons.predict.measured')}</dt>
          <dd className="number">{withUnit(value)}</dd>
        </div>
        {typeof own.guess === 'number' && (
          <div>
            <dt>{t('lessons.predict.difference')}</dt>
            <dd className="number">{withUnit(own.guess - value)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
