import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../state/catalog';
import type { Draft } from '../../state/draft';
import { edit, useFieldIssue } from '../../state/workbench';
import { Formula } from '../../ui/Formula';
import { formatNumber } from '../../ui/format';
import { Select } from '../../ui/Select';
import { DraftField } from './DraftField';

export function FunctionForm({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const functions = useCatalog((state) => state.catalog?.functions ?? null);
  const issue = useFieldIssue('function.name');
  const { name, start } = draft.function;
  const info = functions?.find((candidate) => candidate.name === name);
  return (
    <>
      <Select
        label={t('objective.functionName')}
        value={name}
        options={(functions ?? []).map((f) => ({ value: f.name, label: f.title }))}
        issue={issue}
        // Another function has another scale: its own start and learning rate come with it.
        onChange={(next) =>
          edit('function.name', (current) =>
            withFunction(
              current,
              next,
              functions?.find((f) => f.name === next),
            ),
          )
        }
      />
      {info && (
        <figure className="formula-card">
          <Formula expression={info.expression} />
          {info.note && <figcaption>{info.note}</figcaption>}
        </figure>
      )}
      <div className="field-row">
        {([0, 1] as const).map((axis) => (
          <DraftField
            key={axis}
            label={t(axis === 0 ? 'objective.startX' : 'objective.startY')}
            path={`function.start.${axis}`}
            value={start[axis]}
            placeholder={info ? formatNumber(info.start[axis]) : ''}
            change={(current, value) => ({
              ...current,
              function: { ...current.function, start: replaced(current.function.start, axis, value) },
            })}
          />
        ))}
      </div>
    </>
  );
}

function withFunction(draft: Draft, name: string, info: { learningRate: number } | undefined): Draft {
  return {
    ...draft,
    function: { name, start: ['', ''] },
    optimizers: draft.optimizers.map((optimizer) =>
      info ? { ...optimizer, learningRate: suggestedRate(optimizer.name, info.learningRate) } : optimizer,
    ),
  };
}

/** Adaptive rules take steps of about the rate itself; the others scale with the gradient as plain descent does. */
function suggestedRate(optimizer: string, descentRate: number): string {
  switch (optimizer) {
    case 'momentum':
    case 'nesterov':
      return String(Number((descentRate / 4).toPrecision(2)));
    case 'adagrad':
      return '0.5';
    case 'rmsprop':
      return '0.03';
    case 'adam':
      return '0.1';
    default:
      return String(descentRate);
  }
}

export function replaced(pair: readonly [string, string], index: 0 | 1, value: string): [string, string] {
  return index === 0 ? [value, pair[1]] : [pair[0], value];
}
