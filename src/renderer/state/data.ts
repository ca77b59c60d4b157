import { create } from 'zustand';
import type { DataPreview } from '../../shared/model/catalog';
import { dataSchema } from '../../shared/model/experiment';
import { request } from '../api';
import { useCatalog } from './catalog';
import { compileObjective, dataCandidate, issueFromEngine } from './compile';
import { type Draft, withDataset, withOutput } from './draft';
import { withJob } from './jobs';
import { notifyError } from './notices';
import { edit, focusField, setEngineIssues, useWorkbench } from './workbench';

/** What the engine says about the form while it is edited: the data behind it and the size of the model. */
interface DataState {
  preview: DataPreview | null;
  previewing: boolean;
  parameterCount: number | null;
}
export const useData = create<DataState>(() => ({ preview: null, previewing: false, parameterCount: null }));

let previewKey = '';
let describeKey = '';
let previewController: AbortController | null = null;

const debounce = (milliseconds: number) => {
  let timer: ReturnType<typeof setTimeout> | null = null;
  return (work: () => void) => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(work, milliseconds);
  };
};
const laterPreview = debounce(250);
const laterDescribe = debounce(300);

/** Asks the engine again where the draft's data or objective changed. Called on every change of the draft. */
export function watchDraft(draft: Draft): void {
  if (draft.kind === 'network') {
    const data = dataSchema.safeParse(dataCandidate(draft));
    const key = data.success ? JSON.stringify(data.data) : '';
    if (key !== previewKey) {
      previewKey = key;
      if (data.success) laterPreview(() => void loadPreview(data.data));
    }
  }
  const objective = draft.kind === 'function' ? null : compileObjective(draft);
  const key = objective ? JSON.stringify(objective) : '';
  if (key === describeKey) return;
  describeKey = key;
  useData.setState({ parameterCount: null });
  if (objective) {
    laterDescribe(async () => {
      const result = await request('objective/describe', { objective });
      if (key !== describeKey) return;
      if (result.ok) {
        useData.setState({ parameterCount: result.value.parameterCount });
        return;
      }
      const current = useWorkbench.getState().draft;
      if (!current) return;
      const error = { ...result.error, field: result.error.field ?? ['objective'] };
      const issue = issueFromEngine(error, current, 0);
      if (issue) setEngineIssues([issue]);
      else notifyError(result.error);
    });
  }
}

async function loadPreview(data: Parameters<typeof request<'data/preview'>>[1]['data']): Promise<void> {
  previewController?.abort();
  previewController = new AbortController();
  const { signal } = previewController;
  useData.setState({ previewing: true });
  const result = await request('data/preview', { data }, { signal });
  if (signal.aborted) return;
  useData.setState({ previewing: false });
  const { draft } = useWorkbench.getState();
  if (!draft) return;
  if (!result.ok) {
    useData.setState({ preview: null });
    if (result.error.code === 'cancelled') return;
    setEngineIssues([
      {
        path: 'network.dataset.name',
        key: 'engine',
        values: {},
        message: result.error.message,
        ...(result.error.cure && { cure: result.error.cure }),
      },
    ]);
    return;
  }
  useData.setState({ preview: result.value });
  adoptShape(draft, result.value);
}

/** The width of the input (and, for a new file, of the output) follows what the data hold. */
function adoptShape(draft: Draft, preview: DataPreview): void {
  const { dataset } = draft.network;
  if (dataset.kind !== 'file' || product(dataset.inputShape) === preview.features) return;
  edit('network.dataset', (current) => ({
    ...current,
    network: withOutput(
      { ...current.network, dataset: { ...current.network.dataset, inputShape: [preview.features] } },
      current.network.dataset.target === 'number' ? 0 : preview.classes.length,
    ),
  }));
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Takes a dataset of the catalog by name. */
export function chooseDataset(name: string): void {
  const info = useCatalog.getState().catalog?.datasets.find((dataset) => dataset.name === name);
  if (!info) return;
  edit('network.dataset', (draft) => ({ ...draft, network: withDataset(draft.network, info) }));
}

/** Takes a person's own CSV or NPZ file. */
export async function importFile(file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const result = await withJob('loadingData', (signal, onProgress) =>
    request('data/import', { name: file.name, bytes }, { signal, onProgress }),
  );
  if (!result.ok) {
    notifyError(result.error);
    return;
  }
  edit('network.dataset', (draft) => ({
    ...draft,
    network: { ...draft.network, dataset: { ...draft.network.dataset, kind: 'file', name: result.value.path } },
  }));
  focusField('network.dataset.name');
}
