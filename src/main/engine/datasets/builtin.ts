import { gunzipSync } from 'fflate';
import { UserError } from '../../../shared/errors';
import type { builtinDatasetNames } from '../../../shared/model/experiment';
import { parseNumber } from './number';
import type { RawData } from './rawData';

export type BuiltinName = (typeof builtinDatasetNames)[number];

/** Files of resources/datasets; sources and licences are in the README there. */
export const builtinFiles: Readonly<Record<BuiltinName, string>> = {
  digits: 'digits.csv.gz',
  iris: 'iris.csv',
  wine: 'wine_data.csv',
  breastCancer: 'breast_cancer.csv',
};

/**
 * A built-in dataset from the bytes of its file: features, then the class index, one example a line. All but digits
 * begin with a line `examples,features,class names…`; digits are 64 pixels from 0 to 16, an 8×8 image row by row.
 *
 * @throws UserError (io) when the installed file is damaged
 */
export function parseBuiltin(name: BuiltinName, bytes: Uint8Array): RawData {
  const text = new TextDecoder().decode(name === 'digits' ? gunzipped(bytes, name) : bytes);
  const lines = text.trimEnd().split(/\r?\n/);
  const header = name === 'digits' ? ['1797', '64', ...'0123456789'] : lines.shift()!.split(',');
  const [examples, features] = [Number(header[0]), Number(header[1])];
  const classes = header.slice(2);
  const x = new Float64Array(examples * features);
  const labels = new Int32Array(examples);
  const rows = lines.map((line) => line.split(',').map(parseNumber));
  const isSound =
    rows.length === examples &&
    rows.every((row) => row.length === features + 1 && row.every((value) => value !== null)) &&
    rows.every((row) => classes[row[features]!] !== undefined);
  if (!isSound) throw damaged(name);
  rows.forEach((row, i) => {
    x.set(row.slice(0, features) as number[], i * features);
    labels[i] = row[features]!;
  });
  return { examples, inputShape: [features], x, target: { kind: 'class', labels, classes } };
}

function gunzipped(bytes: Uint8Array, name: BuiltinName): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    throw damaged(name);
  }
}

const damaged = (name: BuiltinName) =>
  new UserError('io', `The built-in file ${builtinFiles[name]} is damaged.`, { cure: 'Install the app again.' });
