import { ChevronDown, Copy, Eye, EyeOff, Plus, Trash2 } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { optimizerColor } from '../../../shared/math/optimizerColors';
import { useCatalog } from '../../state/catalog';
import { optimizerLabels } from '../../state/compile';
import {
  type Draft,
  defaultParameters,
  maximumOptimizers,
  type OptimizerDraft,
  type RateTarget,
  rateTarget,
  suggestedRate,
} from '../../state/draft';
import { useSettings } from '../../state/settings';
import { addOptimizer, duplicateOptimizer, editOptimizer, removeOptimizer, useWorkbench } from '../../state/workbench';
import { IconButton } from '../../ui/Button';
import { useFocusRequest } from '../../ui/Field';
import { Section } from '../../ui/Section';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import { useCatalogText } from '../../ui/useCatalogText';
import { DraftField } from './DraftField';
import { AveragingFields, InexactFields } from './OptimizerExtras';

export function OptimizersSection({ optimizers }: { optimizers: OptimizerDraft[] }) {
  const { t } = useTranslation();
  const catalog = useCatalog((state) => state.catalog);
  const labels = optimizerLabels(optimizers, catalog);
  const ref = useRef<HTMLUListElement>(null);
  useFocusRequest('optimizers', ref);
  const allHidden = optimizers.every(({ hidden }) => hidden);
  return (
    <Section
      title={t('optimizer.title')}
      actions={
        <IconButton
          label={t('optimizer.add')}
          icon={Plus}
          disabled={optimizers.length >= maximumOptimizers}
          onClick={addOptimizer}
        />
      }
    >
      <ul className="optimizers" ref={ref} tabIndex={-1}>
        {optimizers.map((optimizer, index) => (
          <OptimizerCard
            key={optimizer.id}
            optimizer={optimizer}
            index={index}
            label={labels[index] as string}
            only={optimizers.length === 1}
            full={optimizers.length >= maximumOptimizers}
          />
        ))}
      </ul>
      {allHidden && (
        <p className="issue" role="alert">
          {t('optimizer.allHidden')}
        </p>
      )}
    </Section>
  );
}

interface CardProps {
  optimizer: OptimizerDraft;
  index: number;
  label: string;
  only: boolean;
  full: boolean;
}

function OptimizerCard({ optimizer, index, label, only, full }: CardProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = useId();
  const theme = useSettings((state) => state.theme);
  const catalog = useCatalog((state) => state.catalog);
  const info = catalog?.optimizers.find(({ name }) => name === optimizer.name);
  const target = useWorkbench(({ draft }) => (draft ? rateTarget(draft, catalog) : undefined));
  const wanted = useWorkbench((state) => state.focus);
  const seen = useRef(wanted?.count ?? 0);
  // A field inside a folded card is asked for: unfold.
  if (wanted && wanted.count !== seen.current) {
    seen.current = wanted.count;
    if (!open && wanted.path.startsWith(`optimizers.${index}.`) && !wanted.path.endsWith('.learningRate'))
      setOpen(true);
  }
  return (
    <li
      className={`optimizer ${optimizer.hidden ? 'off' : ''}`}
      style={{ '--run-color': optimizerColor(optimizer.color, theme) } as React.CSSProperties}
    >
      <div className="optimizer-row">
        <span className="swatch" aria-hidden />
        <Select
          label={t('optimizer.kindOf', { label })}
          hideLabel
          className="optimizer-kind"
          value={optimizer.name}
          options={(catalog?.optimizers ?? []).map(({ name, title }) => ({ value: name, label: title }))}
          onChange={(name) => {
            const next = catalog?.optimizers.find((o) => o.name === name);
            editOptimizer(index, 'name', {
              name,
              parameters: defaultParameters(next),
              ...(next && target !== undefined && { learningRate: suggestedRate(next, target) }),
            });
          }}
        />
        <div className="optimizer-actions">
          <IconButton
            label={t(optimizer.hidden ? 'optimizer.show' : 'optimizer.hide', { label })}
            icon={optimizer.hidden ? EyeOff : Eye}
            aria-pressed={optimizer.hidden}
            onClick={() => editOptimizer(index, 'hidden', { hidden: !optimizer.hidden })}
          />
          <IconButton
            label={t('optimizer.duplicate', { label })}
            icon={Copy}
            disabled={full}
            onClick={() => duplicateOptimizer(index)}
          />
          <IconButton
            label={t('optimizer.remove', { label })}
            icon={Trash2}
            disabled={only}
            onClick={() => removeOptimizer(index)}
          />
        </div>
      </div>
      <div className="optimizer-rate">
        <DraftField
          label={t('optimizer.learningRate')}
          path={`optimizers.${index}.learningRate`}
          value={optimizer.learningRate}
          change={(draft, learningRate) => ({
            ...draft,
            optimizers: draft.optimizers.map((o, i) => (i === index ? { ...o, learningRate } : o)),
          })}
        />
        <IconButton
          label={t(open ? 'optimizer.less' : 'optimizer.more', { label })}
          icon={ChevronDown}
          className={open ? 'turned' : ''}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        />
      </div>
      <div id={id} className="optimizer-details" hidden={!open}>
        {open && <OptimizerDetails optimizer={optimizer} index={index} info={info} target={target} />}
      </div>
    </li>
  );
}

const schedules = ['constant', 'step', 'exponential', 'cosine'] as const;
const scheduleFields = {
  constant: [],
  step: ['every', 'gamma'],
  exponential: ['gamma'],
  cosine: ['steps', 'floor'],
} as const;
const clips = ['none', 'norm', 'value'] as const;

type OptimizerInfo = NonNullable<ReturnType<typeof useCatalog.getState>['catalog']>['optimizers'][number];

function OptimizerDetails({
  optimizer,
  index,
  info,
  target,
}: {
  optimizer: OptimizerDraft;
  index: number;
  info: OptimizerInfo | undefined;
  target: RateTarget | undefined;
}) {
  const { t } = useTranslation();
  const catalogText = useCatalogText();
  const patched = (draft: Draft, patch: (o: OptimizerDraft) => OptimizerDraft): Draft => ({
    ...draft,
    optimizers: draft.optimizers.map((o, i) => (i === index ? patch(o) : o)),
  });
  const base = `optimizers.${index}`;
  return (
    <>
      <DraftField
        label={t('optimizer.label')}
        text
        path={`${base}.label`}
        value={optimizer.label}
        placeholder={info?.title ?? optimizer.name}
        change={(draft, label) => patched(draft, (o) => ({ ...o, label }))}
      />
      {(info?.parameters ?? []).map((parameter) => {
        const value = optimizer.parameters[parameter.name] ?? parameter.default;
        const text = catalogText(`hyperparameter.${parameter.name}`, parameter.description);
        return typeof value === 'boolean' ? (
          <Switch
            key={parameter.name}
            label={text}
            checked={value}
            onChange={(checked) =>
              editOptimizer(index, `parameters.${parameter.name}`, {
                parameters: { ...optimizer.parameters, [parameter.name]: checked },
              })
            }
          />
        ) : (
          <DraftField
            key={parameter.name}
            label={parameter.name}
            hint={text}
            path={`${base}.parameters.${parameter.name}`}
            value={String(value)}
            change={(draft, typed) =>
              patched(draft, (o) => ({ ...o, parameters: { ...o.parameters, [parameter.name]: typed } }))
            }
          />
        );
      })}
      <Select
        label={t('optimizer.schedule')}
        value={optimizer.schedule.kind}
        options={schedules.map((value) => ({ value, label: t(`schedule.${value}`) }))}
        onChange={(kind) => editOptimizer(index, 'schedule.kind', { schedule: { ...optimizer.schedule, kind } })}
      />
      {scheduleFields[optimizer.schedule.kind].length > 0 && (
        <div className="field-row">
          {scheduleFields[optimizer.schedule.kind].map((field) => (
            <DraftField
              key={field}
              label={t(`schedule.${field}`)}
              path={`${base}.schedule.${field}`}
              value={optimizer.schedule[field]}
              change={(draft, typed) => patched(draft, (o) => ({ ...o, schedule: { ...o.schedule, [field]: typed } }))}
            />
          ))}
        </div>
      )}
      {info?.isSearch && <p className="hint">{t('optimizer.search')}</p>}
      {!info?.isSearch && (
        <>
          <div className="field-row">
            <Select
              label={t('optimizer.clip')}
              value={optimizer.clip.kind}
              options={clips.map((value) => ({ value, label: t(`clip.${value}`) }))}
              onChange={(kind) => editOptimizer(index, 'clip.kind', { clip: { ...optimizer.clip, kind } })}
            />
            {optimizer.clip.kind !== 'none' && (
              <DraftField
                label={t('clip.threshold')}
                path={`${base}.clip.threshold`}
                value={optimizer.clip.threshold}
                change={(draft, threshold) => patched(draft, (o) => ({ ...o, clip: { ...o.clip, threshold } }))}
              />
            )}
          </div>
          <DraftField
            label={t('optimizer.weightDecay')}
            path={`${base}.weightDecay`}
            value={optimizer.weightDecay}
            change={(draft, weightDecay) => patched(draft, (o) => ({ ...o, weightDecay }))}
          />
        </>
      )}
      <AveragingFields optimizer={optimizer} index={index} />
      <InexactFields
        optimizer={optimizer}
        index={index}
        network={target === 'network'}
        isSearch={info?.isSearch ?? false}
      />
      {info && <p className="hint">{t('optimizer.source', { source: info.source })}</p>}
    </>
  );
}
