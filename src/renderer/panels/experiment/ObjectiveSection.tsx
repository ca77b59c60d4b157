import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../state/catalog';
import { type Draft, withObjective } from '../../state/draft';
import { edit } from '../../state/workbench';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { DataForm } from './DataForm';
import { ExpressionForm } from './ExpressionForm';
import { FunctionForm } from './FunctionForm';

const kinds = ['function', 'network', 'expression'] as const;

export function ObjectiveSection({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const catalog = useCatalog((state) => state.catalog);
  return (
    <Section title={t('objective.title')}>
      <Segmented
        label={t('objective.kind')}
        value={draft.kind}
        options={kinds.map((kind) => ({ value: kind, label: t(`objective.${kind}`) }))}
        onChange={(kind) => edit('kind', (current) => withObjective(current, { ...current, kind }, catalog))}
      />
      {draft.kind === 'function' && <FunctionForm draft={draft} />}
      {draft.kind === 'network' && <DataForm network={draft.network} />}
      {draft.kind === 'expression' && <ExpressionForm draft={draft} />}
    </Section>
  );
}
