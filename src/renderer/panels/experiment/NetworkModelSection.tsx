import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import {
  activationNames,
  biasInitializerNames,
  initializerNames,
  type LayerSpec,
  lossNames,
} from '../../../shared/model/experiment';
import { scaledInitializers } from '../../state/compile';
import { useData } from '../../state/data';
import { type DenseDraft, type LayerDraft, type NetworkDraft, newLayer } from '../../state/draft';
import { edit, useFieldIssue } from '../../state/workbench';
import { IconButton } from '../../ui/Button';
import { formatInteger } from '../../ui/format';
import { Section } from '../../ui/Section';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import { DraftField } from './DraftField';

const editNetwork = (key: string, change: (network: NetworkDraft) => NetworkDraft) =>
  edit(`network.${key}`, (draft) => ({ ...draft, network: change(draft.network) }));
const editLayers = (key: string, change: (layers: LayerDraft[]) => LayerDraft[]) =>
  editNetwork(key, (network) => ({ ...network, layers: change(network.layers) }));
const editLayer = (index: number, change: Partial<DenseDraft>) =>
  editLayers(`layers.${index}.${Object.keys(change)[0]}`, (layers) =>
    layers.map((layer, i) => (i === index && layer.kind === 'dense' ? { ...layer, ...change } : layer)),
  );

export function NetworkModelSection({ network }: { network: NetworkDraft }) {
  const { t } = useTranslation();
  const parameters = useData((state) => state.parameterCount);
  const lossIssue = useFieldIssue('network.loss');
  const { layers } = network;
  return (
    <Section
      title={t('model.title')}
      actions={
        <>
          {parameters !== null && (
            <span className="section-note">
              {t('model.parameters', { count: parameters, shown: formatInteger(parameters) })}
            </span>
          )}
          <IconButton
            label={t('model.addLayer')}
            icon={Plus}
            disabled={layers.length >= 64}
            // A hidden layer goes before the output.
            onClick={() =>
              editLayers(`add:${layers.length}`, (list) => list.toSpliced(list.length - 1, 0, newLayer(16, 'tanh')))
            }
          />
        </>
      }
    >
      <ol className="layers">
        <li className="layer-end">
          <span>{t('model.input')}</span>
          <span className="number">{network.dataset.inputShape.map(formatInteger).join(' × ')}</span>
        </li>
        {layers.map((layer, index) => (
          <LayerRow key={layer.id} layer={layer} index={index} count={layers.length} />
        ))}
      </ol>
      <Select
        label={t('model.loss')}
        value={network.loss}
        issue={lossIssue}
        options={lossNames.map((value) => ({ value, label: t(`loss.${value}`) }))}
        onChange={(loss) => editNetwork('loss', (current) => ({ ...current, loss }))}
      />
      <Section
        title={t('model.initialization')}
        defaultOpen={false}
        summary={`${t(`initializer.${network.weightInitializer.name}`)}, L2 ${network.l2}`}
      >
        <Initializer network={network} field="weightInitializer" />
        <Initializer network={network} field="biasInitializer" />
        {network.layerInitializers.length > 0 && (
          <p className="hint">{t('model.layerInitializers', { count: network.layerInitializers.length })}</p>
        )}
        <DraftField
          label={t('model.l2')}
          path="network.l2"
          value={network.l2}
          hint={t('model.l2Hint')}
          change={(draft, l2) => ({ ...draft, network: { ...draft.network, l2 } })}
        />
        <Switch
          label={t('model.l2Biases')}
          checked={network.l2Biases}
          onChange={(l2Biases) => editNetwork('l2Biases', (current) => ({ ...current, l2Biases }))}
        />
      </Section>
    </Section>
  );
}

function LayerRow({ layer, index, count }: { layer: LayerDraft; index: number; count: number }) {
  const { t } = useTranslation();
  const output = index === count - 1;
  const name = output ? t('model.output') : t('model.hidden', { n: index + 1 });
  return (
    <li className="layer">
      <span className="layer-name">{name}</span>
      {layer.kind === 'dense' ? (
        <DenseFields layer={layer} index={index} name={name} />
      ) : (
        <span className="layer-fixed quiet">{describeFixed(layer.layer)}</span>
      )}
      <div className="layer-actions">
        {!output && (
          <>
            <IconButton
              label={t('model.moveUp', { layer: name })}
              icon={ArrowUp}
              disabled={index === 0}
              onClick={() => editLayers(`move:${layer.id}:${index}`, (list) => swapped(list, index, index - 1))}
            />
            <IconButton
              label={t('model.moveDown', { layer: name })}
              icon={ArrowDown}
              disabled={index >= count - 2}
              onClick={() => editLayers(`move:${layer.id}:${index}`, (list) => swapped(list, index, index + 1))}
            />
            <IconButton
              label={t('model.removeLayer', { layer: name })}
              icon={Trash2}
              onClick={() => editLayers(`remove:${layer.id}`, (list) => list.toSpliced(index, 1))}
            />
          </>
        )}
      </div>
    </li>
  );
}

function DenseFields({ layer, index, name }: { layer: DenseDraft; index: number; name: string }) {
  const { t } = useTranslation();
  return (
    <>
      <DraftField
        label={t('model.unitsOf', { layer: name })}
        hideLabel
        path={`network.layers.${index}.units`}
        value={layer.units}
        change={(draft, units) => ({
          ...draft,
          network: {
            ...draft.network,
            layers: draft.network.layers.map((other, i) =>
              i === index && other.kind === 'dense' ? { ...other, units } : other,
            ),
          },
        })}
      />
      <Select
        label={t('model.activationOf', { layer: name })}
        hideLabel
        value={layer.activation}
        options={activationNames.map((value) => ({ value, label: t(`activation.${value}`) }))}
        onChange={(activation) => editLayer(index, { activation })}
      />
    </>
  );
}

/** A layer the editor shows but does not edit: its type and its numbers. */
function describeFixed(layer: LayerSpec): string {
  const { type, ...settings } = layer;
  const shown = Object.values(settings).filter((value) => typeof value !== 'boolean');
  return [type, ...shown.map(String)].join(' · ');
}

function swapped<T>(list: readonly T[], a: number, b: number): T[] {
  return list.with(a, list[b] as T).with(b, list[a] as T);
}

function Initializer({ network, field }: { network: NetworkDraft; field: 'weightInitializer' | 'biasInitializer' }) {
  const { t } = useTranslation();
  const issue = useFieldIssue(`network.${field}`);
  const { name, scale, connections } = network[field];
  const names = field === 'biasInitializer' ? biasInitializerNames : initializerNames;
  const number = (key: 'scale' | 'connections', value: string) => (
    <DraftField
      label={t(`model.${key}`)}
      path={`network.${field}.${key}`}
      value={value}
      placeholder={t('model.scaleDefault')}
      change={(draft, typed) => ({
        ...draft,
        network: { ...draft.network, [field]: { ...draft.network[field], [key]: typed } },
      })}
    />
  );
  return (
    <div className="field-row">
      <Select
        label={t(`model.${field}`)}
        value={name}
        issue={issue}
        options={names.map((value) => ({ value, label: t(`initializer.${value}`) }))}
        onChange={(next) =>
          editNetwork(`${field}.name`, (current) => ({ ...current, [field]: { ...current[field], name: next } }))
        }
      />
      {scaledInitializers.includes(name) && number('scale', scale)}
      {name === 'sparse' && number('connections', connections)}
    </div>
  );
}
