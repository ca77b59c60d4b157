import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { badInput } from '../../shared/errors';
import type { DataPreview } from '../../shared/model/catalog';
import type { PreparedData } from '../engine/datasets/prepareData';
import type { Handlers } from '../router';
import type { Services } from '../services';

const previewPoints = 400;

export function createDataHandlers(
  services: Services,
): Pick<Handlers, 'data/preview' | 'data/import' | 'objective/describe'> {
  return {
    'data/preview': async ({ data }) => preview(await services.data.load(data)),
    'data/import': async ({ name, bytes }) => {
      const extension = extname(name).toLowerCase();
      if (extension !== '.csv' && extension !== '.npz') {
        throw badInput(`"${name}" is neither .csv nor .npz.`, 'Save the data as CSV or NPZ (arrays x and y).');
      }
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
      const file = `${basename(name, extname(name)).replace(/[^\p{L}\p{N}_-]+/gu, '-')}-${hash}${extension}`;
      await mkdir(services.importsFolder, { recursive: true });
      await writeFile(join(services.importsFolder, file), bytes);
      return { path: file };
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
