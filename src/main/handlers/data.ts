import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Params } from '../../shared/contract';
import { badInput } from '../../shared/errors';
import type { DataPreview } from '../../shared/model/catalog';
import type { PreparedData } from '../engine/datasets/prepareData';
import type { Handlers } from '../router';
import type { Services } from '../services';

const previewPoints = 400;

/** Files that may be imported, by what for. */
const importable = {
  data: {
    extensions: ['.csv', '.npz'],
    refusal: 'neither .csv nor .npz',
    cure: 'Save the data as CSV or NPZ (arrays x and y).',
  },
  direction: {
    extensions: ['.npy', '.npz', '.safetensors'],
    refusal: 'neither .npy nor .npz nor .safetensors',
    cure: 'Save the direction as NPY (all parameters in order), NPZ or safetensors (the model’s own names or shapes).',
  },
} satisfies Record<Params<'data/import'>['purpose'], { extensions: string[]; refusal: string; cure: string }>;

export function createDataHandlers(
  services: Services,
): Pick<Handlers, 'data/preview' | 'data/import' | 'objective/describe'> {
  return {
    'data/preview': async ({ data }) => preview(await services.data.load(data)),
    'data/import': async ({ name, bytes, purpose }) => {
      const extension = extname(name).toLowerCase();
      const { extensions, refusal, cure } = importable[purpose];
      if (!extensions.includes(extension)) throw badInput(`"${name}" is ${refusal}.`, cure);
      if (bytes.length === 0) throw badInput(`"${name}" is empty.`, cure);
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
      const stem = basename(name, extname(name)).replace(/[^\p{L}\p{N}_-]+/gu, '-');
      // A direction's file names an axis.
      const path = purpose === 'direction' ? `${hash}/${stem}${extension}` : `${stem}-${hash}${extension}`;
      const file = join(services.importsFolder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
      return { path };
    },
    'objective/describe': async ({ objective }) => {
      const lease = await services.objectives.lease(objective, 'auto');
      try {
        return { parameterCount: lease.train.dimension, layout: lease.train.layout };
      } finally {
        lease.release();
      }
    },
  };
}

/** The first two features (the first feature and the target for one feature) of the training part. */
function preview(data: PreparedData): DataPreview {
  const count = Math.min(previewPoints, data.train.examples);
  const targetSize = data.train.y.length / data.train.examples;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const target = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    target[i] = data.train.y[i * targetSize]!;
    x[i] = data.train.x[i * data.features]!;
    y[i] = data.features > 1 ? data.train.x[i * data.features + 1]! : target[i]!;
  }
  return {
    examples: { train: data.train.examples, validation: data.validation.examples },
    features: data.features,
    classes: [...data.classes],
    fingerprint: data.fingerprint,
    points: { x, y, target },
  };
}
