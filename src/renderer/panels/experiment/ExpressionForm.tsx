import { useTranslation } from 'react-i18next';
import type { Draft } from '../../state/draft';
import { DraftField } from './DraftField';
import { replaced } from './FunctionForm';

const edges = ['xMin', 'xMax', 'yMin', 'yMax'] as const;

export function ExpressionForm({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const { text, domain, start } = draft.expression;
  return (
    <>
      <DraftField
        label={t('objective.expressionText')}
        path="expression.text"
        text
        multiline
        value={text}
        hint={t('objective.expressionHint')}
        change={(current, value) => ({ ...current, expression: { ...current.expression, text: value } })}
      />
      <div className="field-row four">
        {edges.map((edge, index) => (
          <DraftField
            key={edge}
            label={t(`objective.${edge}`)}
            path={`expression.domain.${index}`}
            value={domain[index] as string}
            change={(current, value) => ({
              ...current,
              expression: { ...current.expression, domain: withEdge(current.expression.domain, index, value) },
            })}
          />
        ))}
      </div>
      <div className="field-row">
        {([0, 1] as const).map((axis) => (
          <DraftField
            key={axis}
            label={t(axis === 0 ? 'objective.startX' : 'objective.startY')}
            path={`expression.start.${axis}`}
            value={start[axis]}
            change={(current, value) => ({
              ...current,
              expression: { ...current.expression, start: replaced(current.expression.start, axis, value) },
            })}
          />
        ))}
      </div>
    </>
  );
}

type Domain = Draft['expression']['domain'];
const withEdge = (domain: Domain, index: number, value: string): Domain => domain.with(index, value) as Domain;
