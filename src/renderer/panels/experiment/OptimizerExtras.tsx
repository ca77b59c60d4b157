import { useTranslation } from 'react-i18next';
import type { Draft, OptimizerDraft } from '../../state/draft';
import { editOptimizer } from '../../state/workbench';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import { DraftField } from './DraftField';

interface ExtraProps {
  optimizer: OptimizerDraft;
  index: number;
}

const patched = (draft: Draft, index: number, patch: (o: OptimizerDraft) => OptimizerDraft): Draft => ({
  ...draft,
  optimizers: draft.optimizers.map((o, i) => (i === index ? patch(o) : o)),
});

const averagings = ['none', 'uniform', 'exponential'] as const;
const averagingFields = { none: [], uniform: ['start'], exponential: ['decay', 'start'] } as const;

/** Which mean of the iterates is measured beside them. */
export function AveragingFields({ optimizer, index }: ExtraProps) {
  const { t } = useTranslation();
  const { averaging } = optimizer;
  return (
    <>
      <Select
        label={t('averaging.title')}
        value={averaging.kind}
        options={averagings.map((value) => ({ value, label: t(`averaging.${value}`) }))}
        onChange={(kind) => editOptimizer(index, 'averaging.kind', { averaging: { ...averaging, kind } })}
      />
      {averaging.kind !== 'none' && (
        <div className="field-row">
          {averagingFields[averaging.kind].map((field) => (
            <DraftField
              key={field}
              label={t(`averaging.${field}`)}
              path={`optimizers.${index}.averaging.${field}`}
              value={averaging[field]}
              change={(draft, typed) =>
                patched(draft, index, (o) => ({ ...o, averaging: { ...o.averaging, [field]: typed } }))
              }
            />
          ))}
        </div>
      )}
    </>
  );
}

const inexactKinds = ['none', 'noise', 'sample', 'quantize', 'round', 'truncate', 'bias'] as const;
const inexactFields = {
  none: [],
  noise: ['deviation'],
  sample: ['examples'],
  quantize: ['bits'],
  round: ['step'],
  truncate: ['keep'],
  bias: ['factor', 'offset'],
} as const;

/**
 * What is wrong with the gradient of a step, if anything. A function has no examples to take a sample of; a search takes
 * nothing else.
 */
export function InexactFields({
  optimizer,
  index,
  network,
  isSearch,
}: ExtraProps & { network: boolean; isSearch: boolean }) {
  const { t } = useTranslation();
  const { inexact } = optimizer;
  const kind = isSearch && inexact.kind !== 'sample' ? 'none' : inexact.kind;
  const kinds = inexactKinds.filter(
    (value) => value === kind || value === 'none' || (value === 'sample' ? network : !isSearch),
  );
  const flag = kind === 'noise' ? 'relative' : kind === 'quantize' || kind === 'round' ? 'stochastic' : null;
  const change = (field: string, value: Partial<OptimizerDraft['inexact']>) =>
    editOptimizer(index, `inexact.${field}`, { inexact: { ...inexact, ...value } });
  return (
    <>
      <Select
        label={t('inexact.title')}
        value={kind}
        options={kinds.map((value) => ({ value, label: t(`inexact.${value}`) }))}
        onChange={(value) => change('kind', { kind: value })}
      />
      {kind !== 'none' && (
        <div className="field-row">
          {inexactFields[kind].map((field) => (
            <DraftField
              key={field}
              label={t(`inexact.${field}`)}
              path={`optimizers.${index}.inexact.${field}`}
              value={inexact[field]}
              change={(draft, typed) =>
                patched(draft, index, (o) => ({ ...o, inexact: { ...o.inexact, [field]: typed } }))
              }
            />
          ))}
        </div>
      )}
      {flag && (
        <Switch
          label={t(`inexact.${flag}`)}
          checked={inexact[flag]}
          onChange={(checked) => change(flag, { [flag]: checked })}
        />
      )}
    </>
  );
}
