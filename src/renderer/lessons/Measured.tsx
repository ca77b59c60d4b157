import type { TFunction } from 'i18next';
import { Check, Minus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { claimFailure, quantity } from '../../shared/math/claims';
import type { Claim, LessonStep } from '../../shared/model/lesson';
import type { Fact, StudyResult, StudyTable } from '../../shared/model/study';
import { useWords } from '../i18n/words';
import { hasOwnSettings, type StepState, shownOf } from '../state/lessons';
import { formatNumber, formatSeconds } from '../ui/format';
import { Markdown, Tex } from './Markdown';

/** What a study found, beside what theory says: facts, the lesson's claims, tables, and where the numbers come from. */
export function Measured({ step, own, result }: { step: LessonStep; own: StepState; result: StudyResult }) {
  const { t } = useTranslation();
  const facts = shownOf(result.facts, step.study?.facts);
  const tables = shownOf(result.tables, step.study?.tables);
  return (
    <section className="lesson-measured" aria-label={t('lessons.measured.title')}>
      {facts.length > 0 && <Facts facts={facts} />}
      {tables.map(([name, table]) => (
        <Table key={name} table={table} />
      ))}
      {step.claims.length > 0 && <Claims claims={step.claims} facts={result.facts} settled={hasOwnSettings(own)} />}
      <p className="quiet lesson-source">{sourceText(result, t)}</p>
    </section>
  );
}

export function sourceText({ seconds, executors }: StudyResult, t: TFunction): string {
  const time = formatSeconds(seconds);
  if (executors.length === 0) return t('lessons.measured.captionAlone', { time });
  return t('lessons.measured.caption', { time, executors: executors.join(', ') });
}

/** The value with its standard error and unit. */
function measuredText({ value, standardError, unit }: Fact): string {
  const error = standardError === undefined ? '' : ` ± ${formatNumber(standardError, 2)}`;
  return `${formatNumber(value)}${error}${unit ? ` ${unit}` : ''}`;
}

export function Facts({ facts }: { facts: [string, Fact][] }) {
  const { t } = useTranslation();
  const words = useWords();
  const theory = facts.some(([, fact]) => fact.theory);
  return (
    <div className="table-scroll">
      <table className="study-table">
        <thead>
          <tr>
            <th scope="col">{t('lessons.measured.quantity')}</th>
            <th scope="col" className="number">
              {t('lessons.measured.value')}
            </th>
            {theory && <th scope="col">{t('lessons.measured.theory')}</th>}
          </tr>
        </thead>
        <tbody>
          {facts.map(([name, fact]) => (
            <tr key={name} data-fact={name}>
              <th scope="row">{words(fact.label)}</th>
              <td className="number">{measuredText(fact)}</td>
              {theory && (
                <td>
                  {fact.theory && (
                    <>
                      {fact.theory.formula && <Tex formula={fact.theory.formula} />}{' '}
                      <span className="number">
                        {fact.theory.formula && '= '}
                        {formatNumber(fact.theory.value)}
                      </span>
                    </>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Table({ table }: { table: StudyTable }) {
  const words = useWords();
  return (
    <div className="table-scroll">
      <table className="study-table">
        <caption>{words(table.label)}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.en} scope="col">
                {words(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name and never move
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={table.columns[j]?.en} className={typeof cell === 'number' ? 'number' : ''}>
                  {typeof cell === 'number' ? formatNumber(cell) : words(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ClaimsProps {
  claims: readonly Claim[];
  facts: Readonly<Record<string, Fact>>;
  /** The settings are the lesson's own, of which alone it claims something. */
  settled: boolean;
}

export function Claims({ claims, facts, settled }: ClaimsProps) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <div className="claims" data-settled={settled}>
      <h4>{t('lessons.measured.claims')}</h4>
      {!settled && <p className="quiet">{t('lessons.measured.otherSettings')}</p>}
      <ul>
        {claims.map((claim, i) => {
          const holds = claimFailure(claim, facts) === null;
          const Icon = settled ? (holds ? Check : X) : Minus;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: claims have no names and never move
            <li key={i} data-holds={settled ? holds : 'unknown'}>
              <Icon
                className="icon"
                role="img"
                aria-label={t(
                  settled
                    ? holds
                      ? 'lessons.measured.holds'
                      : 'lessons.measured.fails'
                    : 'lessons.measured.otherSettings',
                )}
              />
              <div>
                <Markdown inline text={words(claim.says)} />
                {settled && <small className="number">{boundsText(claim, facts, t)}</small>}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The measured number and what it was held against. */
function boundsText(
  { fact: name, near, tolerance = 0, absolute, atLeast, atMost }: Claim,
  facts: Readonly<Record<string, Fact>>,
  t: TFunction,
): string {
  const fact = facts[name];
  const value = formatNumber(fact?.value);
  const parts: string[] = [];
  if (near !== undefined) {
    const center = near === 'theory' ? (fact?.theory?.value ?? Number.NaN) : quantity(near, facts);
    const allowed = formatNumber(tolerance * (absolute ? 1 : Math.abs(center)), 2);
    parts.push(t('lessons.measured.near', { value, near: formatNumber(center), allowed }));
  }
  if (atLeast !== undefined) {
    parts.push(t('lessons.measured.atLeast', { value, bound: formatNumber(quantity(atLeast, facts)) }));
  }
  if (atMost !== undefined) {
    parts.push(t('lessons.measured.atMost', { value, bound: formatNumber(quantity(atMost, facts)) }));
  }
  return parts.join('; ');
}
