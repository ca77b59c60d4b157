import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { badInput } from '../../shared/errors';
import type { ParameterBlock, ParameterLayout } from '../../shared/model/run';
import { readNpy } from './npy';
import { readNpz } from './npz';
import { readSafetensors } from './safetensors';
import { formatShape, type NamedTensor } from './tensor';

export interface MatchedWeights {
  /** θ, blocks in the layout's order. */
  theta: Float64Array;
  /** Which tensor of the file filled which block. */
  matches: { block: string; tensor: string }[];
}

/** θ of a model from a .safetensors or .npz file: `readTensors` without running statistics, then `matchWeights`. */
export const readWeights = (path: string, layout: ParameterLayout): Float64Array =>
  matchWeights(layout, readTensors(path).filter(isTrained)).theta;

/**
 * A direction through a model's parameters: .safetensors or .npz as `readWeights` takes them, or a .npy of all P numbers in
 * the layout's order.
 */
export function readDirection(path: string, layout: ParameterLayout): Float64Array {
  if (extname(path).toLowerCase() !== '.npy') return readWeights(path, layout);
  const where = `"${basename(path)}"`;
  const { shape, data } = readNpy(readFileSync(path), where);
  const size = layout.reduce((sum, block) => sum + block.size, 0);
  if (data.length !== size) {
    throw badInput(
      `${where} is ${formatShape(shape)}, ${data.length} numbers; the model has ${size} parameters.`,
      'Save one direction as a vector of all parameters.',
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw badInput(`${where} holds ${data[bad]} at position ${bad}.`);
  return Float64Array.from(data);
}

/**
 * The running statistics PyTorch keeps beside the weights, in the order of `blocks`; null where the file has none.
 * @throws badInput where they do not fit the model
 */
export function readStatistics(path: string, blocks: readonly StatisticBlock[]): Float64Array | null {
  const tensors = readTensors(path).filter(({ name }) => statisticKinds.includes(lastPart(name)));
  if (tensors.length === 0) return null;
  const statistics = new Float64Array(blocks.reduce((sum, block) => sum + block.size, 0));
  for (const kind of statisticKinds) {
    const stored = tensors.filter(({ name }) => lastPart(name) === kind);
    const wanted = blocks.filter(({ name }) => lastPart(name) === kind);
    const layout: ParameterBlock[] = [];
    for (const { name, shape, size } of wanted) {
      const last = layout.at(-1);
      layout.push({ name, shape: [...shape], size, offset: last ? last.offset + last.size : 0, role: 'bias' });
    }
    const { theta } = matchWeights(layout, stored);
    wanted.forEach(({ offset, size }, i) => {
      const start = layout[i]!.offset;
      statistics.set(theta.subarray(start, start + size), offset);
    });
  }
  return statistics;
}

type StatisticBlock = Pick<ParameterBlock, 'name' | 'offset' | 'size'> & { readonly shape: readonly number[] };

const lastPart = (name: string): string => name.split('.').at(-1)!;
const statisticKinds: readonly string[] = ['running_mean', 'running_var'];
const isTrained = ({ name }: NamedTensor): boolean =>
  ![...statisticKinds, 'num_batches_tracked'].includes(lastPart(name));

/** The tensors of a .safetensors or .npz file in order of appearance. */
export function readTensors(path: string): NamedTensor[] {
  const where = `"${basename(path)}"`;
  switch (extname(path).toLowerCase()) {
    case '.safetensors':
      return readSafetensors(readFileSync(path), where);
    case '.npz':
      return readNpz(readFileSync(path), where);
    default:
      throw badInput(`${where} is neither .safetensors nor .npz.`, 'Save the weights in one of these formats.', [
        'weights',
      ]);
  }
}

/**
 * Puts a file's tensors into a model's parameter vector: by name where the file uses the layout's own names, otherwise
 * each block takes the first tensor of its shape that is still free, in the file's order of appearance. (PyTorch's
 * safetensors writer sorts by name, which puts `0.bias` before `0.weight` and `10` before `2`; taking the shape into
 * account undoes the former, natural order the latter.)
 * @throws badInput that lists what did not match on both sides, by name and shape, or the first value not finite
 */
export function matchWeights(layout: ParameterLayout, tensors: readonly NamedTensor[]): MatchedWeights {
  const free = inOrder(tensors);
  const missing: string[] = [];
  const byName = layout.every((block) => tensors.some((tensor) => tensor.name === block.name));
  const found = layout.map((block) => {
    const at = free.findIndex(
      (tensor) => formatShape(tensor.shape) === formatShape(block.shape) && (!byName || tensor.name === block.name),
    );
    if (at < 0) missing.push(`${block.name} ${formatShape(block.shape)}`);
    return at < 0 ? null : free.splice(at, 1)[0]!;
  });
  if (missing.length > 0 || free.length > 0) throw mismatch(missing, free);

  const theta = new Float64Array(layout.reduce((sum, block) => sum + block.size, 0));
  const matches = layout.map((block, i) => {
    const tensor = found[i]!;
    const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw badInput(`The weights hold ${tensor.data[bad]} in "${tensor.name}" at position ${bad}.`);
    theta.set(tensor.data, block.offset);
    return { block: block.name, tensor: tensor.name };
  });
  return { theta, matches };
}

function inOrder(tensors: readonly NamedTensor[]): NamedTensor[] {
  const plain = (a: NamedTensor, b: NamedTensor) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const sortedByWriter = tensors.every((tensor, i) => i === 0 || plain(tensors[i - 1]!, tensor) < 0);
  if (!sortedByWriter) return [...tensors];
  const { compare } = new Intl.Collator('en', { numeric: true });
  return tensors.toSorted((a, b) => compare(a.name, b.name));
}

function mismatch(missing: readonly string[], free: readonly NamedTensor[]): Error {
  const unused = free.map((tensor) => `${tensor.name} ${formatShape(tensor.shape)}`);
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`the model needs ${missing.join(', ')}`);
  if (unused.length > 0) parts.push(`the file has ${unused.join(', ')} left over`);
  const transposed = free.some(
    ({ shape }) => shape.length === 2 && missing.some((text) => text.endsWith(formatShape(shape.toReversed()))),
  );
  return badInput(
    `The weights do not fit the model: ${parts.join('; ')}.`,
    transposed
      ? 'Weights are [outputs, inputs] as in PyTorch; transpose them.'
      : 'Use a model file with the shapes of the weights.',
    ['weights'],
  );
}
