import { FileUp } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { DataPreview } from '../../../shared/model/catalog';
import { classifies } from '../../../shared/model/experiment';
import { useCatalog } from '../../state/catalog';
import { chooseDataset, importFile, useData } from '../../state/data';
import { baseName, type NetworkDraft } from '../../state/draft';
import { edit, useFieldIssue } from '../../state/workbench';
import { Button } from '../../ui/Button';
import { formatInteger } from '../../ui/format';
import { Section } from '../../ui/Section';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import { useCatalogText } from '../../ui/useCatalogText';
import { DataScatter } from './DataScatter';
import { DraftField } from './DraftField';

type Dataset = NetworkDraft['dataset'];
const editDataset = (field: keyof Dataset, value: string) =>
  edit(`network.dataset.${field}`, (draft) => ({
    ...draft,
    network: { ...draft.network, dataset: { ...draft.network.dataset, [field]: value } },
  }));

export function DataForm({ network }: { network: NetworkDraft }) {
  const { t } = useTranslation();
  const catalogText = useCatalogText();
  const datasets = useCatalog((state) => state.catalog?.datasets ?? null);
  const preview = useData((state) => state.preview);
  const issue = useFieldIssue('network.dataset.name');
  const file = useRef<HTMLInputElement>(null);
  const { dataset } = network;
  const options = (datasets ?? []).map(({ name, title, kind }) => ({
    value: name,
    label: catalogText(`dataset.${name}`, title),
    group: t(`data.${kind}`),
  }));
  if (dataset.kind === 'file')
    options.push({ value: dataset.name, label: baseName(dataset.name), group: t('data.file') });
  const datasetField = (field: 'examples' | 'noise' | 'seed' | 'freshValidation') => ({
    path: `network.dataset.${field}`,
    value: dataset[field],
    change: (draft: Parameters<Parameters<typeof edit>[1]>[0], value: string) => ({
      ...draft,
      network: { ...draft.network, dataset: { ...draft.network.dataset, [field]: value } },
    }),
  });
  return (
    <>
      <div className="select-with-button">
        <Select
          label={t('data.dataset')}
          value={dataset.name}
          options={options}
          issue={issue}
          onChange={chooseDataset}
        />
        <Button icon={FileUp} onClick={() => file.current?.click()}>
          {t('data.import')}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".csv,.npz"
          aria-label={t('data.import')}
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = '';
            if (chosen) void importFile(chosen);
          }}
        />
      </div>
      {dataset.kind === 'file' && (
        <Segmented
          label={t('data.target')}
          showLabel
          value={dataset.target}
          options={[
            { value: 'class', label: t('data.targetClass') },
            { value: 'number', label: t('data.targetNumber') },
          ]}
          onChange={(target) => editDataset('target', target)}
        />
      )}
      {preview && (
        <div className="data-preview">
          {canScatter(preview) && <DataScatter points={preview.points} classes={preview.classes} />}
          <dl className="facts">
            <div>
              <dt>{t('data.training')}</dt>
              <dd>{formatInteger(preview.examples.train)}</dd>
            </div>
            <div>
              <dt>{t('data.validation')}</dt>
              <dd>{formatInteger(preview.examples.validation)}</dd>
            </div>
            <div>
              <dt>{t('data.features')}</dt>
              <dd>{formatInteger(preview.features)}</dd>
            </div>
            <div>
              <dt>{t('data.classes')}</dt>
              <dd>{preview.classes.length > 0 ? formatInteger(preview.classes.length) : t('data.regression')}</dd>
            </div>
          </dl>
        </div>
      )}
      {dataset.kind === 'generated' && (
        <div className="field-row three">
          <DraftField label={t('data.examples')} {...datasetField('examples')} />
          <DraftField label={t('data.noise')} {...datasetField('noise')} />
          <DraftField label={t('data.seed')} {...datasetField('seed')} />
        </div>
      )}
      <Section
        title={t('data.split')}
        defaultOpen={false}
        summary={t('data.splitSummary', { fraction: network.validationFraction })}
      >
        {dataset.kind === 'generated' && (
          <DraftField
            label={t('data.freshValidation')}
            hint={t('data.freshValidationHint')}
            placeholder={t('training.off')}
            {...datasetField('freshValidation')}
          />
        )}
        <div className="field-row three">
          <DraftField
            label={t('data.validationFraction')}
            path="network.validationFraction"
            value={network.validationFraction}
            change={(draft, value) => ({ ...draft, network: { ...draft.network, validationFraction: value } })}
          />
          <DraftField
            label={t('data.splitSeed')}
            path="network.splitSeed"
            value={network.splitSeed}
            change={(draft, value) => ({ ...draft, network: { ...draft.network, splitSeed: value } })}
          />
          <DraftField
            label={t('data.copies')}
            path="network.copies"
            value={network.copies}
            change={(draft, value) => ({ ...draft, network: { ...draft.network, copies: value } })}
          />
        </div>
        <Switch
          label={t('data.standardize')}
          checked={network.standardize}
          onChange={(standardize) =>
            edit('network.standardize', (draft) => ({ ...draft, network: { ...draft.network, standardize } }))
          }
        />
        <LabelFields network={network} />
      </Section>
    </>
  );
}

const labelKinds = ['true', 'random', 'shuffled'] as const;

/** Which labels the training part has. */
function LabelFields({ network }: { network: NetworkDraft }) {
  const { t } = useTranslation();
  const { labels } = network;
  const kinds = labelKinds.filter((kind) => kind !== 'random' || classifies(network.loss) || labels.kind === kind);
  const field = (name: 'fraction' | 'seed') => (
    <DraftField
      label={t(`labels.${name}`)}
      path={`network.labels.${name}`}
      value={labels[name]}
      change={(draft, value) => ({
        ...draft,
        network: { ...draft.network, labels: { ...draft.network.labels, [name]: value } },
      })}
    />
  );
  return (
    <>
      <Select
        label={t('labels.title')}
        value={labels.kind}
        options={kinds.map((value) => ({ value, label: t(`labels.${value}`) }))}
        onChange={(kind) =>
          edit('network.labels.kind', (draft) => ({
            ...draft,
            network: { ...draft.network, labels: { ...draft.network.labels, kind } },
          }))
        }
      />
      {labels.kind !== 'true' && (
        <div className="field-row">
          {labels.kind === 'random' && field('fraction')}
          {field('seed')}
        </div>
      )}
    </>
  );
}

/** Two features that vary (of images, the first pixels hardly do), or one and the value it predicts. */
function canScatter({ points, classes }: DataPreview): boolean {
  const values = (column: Float64Array) => new Set(column).size;
  return values(points.x) > 2 && values(classes.length > 0 ? points.y : points.target) > 2;
}
