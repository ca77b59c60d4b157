import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../state/catalog';
import { type Draft, withObjective } from '../../state/draft';
import { edit, useFieldIssue } from '../../state/workbench';
import { Formula } from '../../ui/Formula';
import { formatNumber } from '../../ui/format';
import { Select } from '../../ui/Select';
import { useCatalogText } from '../../ui/useCatalogText';
import { DraftField } from './DraftField';

export function FunctionForm({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const catalogText = useCatalogText();
  const catalog = useCatalog((state) => state.catalog);
  const issue = useFieldIssue('function.name');
  const { name, start } = draft.function;
  const info = catalog?.functions.find((candidate) => candidate.name === name);
  return (
    <>
      <Select
        label={t('objective.functionName')}
        value={name}
        options={(catalog?.functions ?? []).map((f) => ({ value: f.name, label: f.title }))}
        issue={issue}
        // Another function has another scale: its own start and learning rate come with it.
        onChange={(next) =>
          edit('function.name', (current) =>
            withObjective(current, { ...current, function: { name: next, start: ['', ''] } }, catalog),
          )
        }
      />
      {info && (
        <figure className="formula-card">
          <Formula expression={info.expression} />
          {info.note && <figcaption>{catalogText(`function.${info.name}`, info.note)}</figcaption>}
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

export function replaced(pair: readonly [string, string], index: 0 | 1, value: string): [string, string] {
  return index === 0 ? [value, pair[1]] : [pair[0], value];
}
