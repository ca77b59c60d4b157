import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/main/exchange/safetensors';
import type { NamedTensor } from '../../../src/main/exchange/tensor';
import { matchWeights, readStatistics, readTensors, readWeights } from '../../../src/main/exchange/weights';
import type { ParameterLayout } from '../../../src/shared/model/run';

const folder = join(import.meta.dirname, '../../fixtures/exchange');

/** A .safetensors file of the given header and number of data bytes. */
function safetensors(header: unknown, dataBytes: number): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}
const f32 = (shape: number[], from: number, to: number) => ({ dtype: 'F32', shape, data_offsets: [from, to] });

function layoutOf(...shapes: [string, number[]][]): ParameterLayout {
  let offset = 0;
  return shapes.map(([name, shape]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    offset += size;
    return { name, shape, size, offset: offset - size, role: shape.length === 2 ? 'weight' : 'bias' };
  });
}
const tensor = (name: string, shape: number[], value: number): NamedTensor => ({
  name,
  shape,
  data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
});

describe('safetensors', () => {
  it('reads bfloat16', () => {
    const [b] = readTensors(join(folder, 'bf16.safetensors'));
    expect([...b!.data]).toEqual([1, -2.5, 3.140625, Number.POSITIVE_INFINITY]);
  });

  it.each<[string, Buffer, RegExp]>([
    ['an absurd header length', Buffer.from('ffffffffffffff7f', 'hex'), /claims a header of 9223372036854775807 bytes/],
    ['a header that is not JSON', safetensors('{"a":', 0), /header is not JSON/],
    ['a header that is a list', safetensors([], 0), /not a JSON object/],
    ['an incomplete entry', safetensors({ a: { dtype: 'F32' } }, 0), /tensor "a": dtype, shape or data_offsets/],
    ['an unknown dtype', safetensors({ a: { ...f32([1], 0, 4), dtype: 'F4' } }, 4), /dtype "F4"/],
    ['offsets out of bounds', safetensors({ a: f32([2], 0, 8) }, 5), /3 bytes are missing \(its tensors need 8\)/],
    ['an overlap', safetensors({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), /tensor "b" overlaps .* byte 4/],
    ['a gap', safetensors({ a: f32([1], 4, 8) }, 8), /4 bytes before tensor "a"/],
    ['left-over bytes', safetensors({ a: f32([1], 0, 4) }, 6), /2 bytes that belong to no tensor/],
    ['a shape that disagrees', safetensors({ a: f32([3], 0, 8) }, 8), /shape \[3\] needs 12 bytes, its offsets hold 8/],
    ['an impossible shape', safetensors({ a: f32([2 ** 40, 2 ** 40], 0, 8) }, 8), /its offsets hold 8/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, '"w.safetensors"')).toThrow(message);
  });

  it('refuses a file cut off anywhere', () => {
    const bytes = readFileSync(join(folder, 'net.safetensors'));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.subarray(0, length), '"w"')).toThrow(/"w" is cut off: \d+ bytes/);
    }
  });

  it('keeps the order of appearance of integer names', () => {
    const bytes = safetensors(
      '{"1":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"0":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      2,
    );
    expect(readSafetensors(bytes, 'w').map(({ name }) => name)).toEqual(['1', '0']);
  });
});

describe('matching', () => {
  it('puts a PyTorch state_dict sorted by name into parameter order', () => {
    const layout = layoutOf(
      ['layers.0.weight', [4, 3]],
      ['layers.0.bias', [4]],
      ['layers.1.weight', [4, 4]],
      ['layers.1.bias', [4]],
      ['layers.2.weight', [2, 4]],
      ['layers.2.bias', [2]],
    );
    const { theta, matches } = matchWeights(layout, readTensors(join(folder, 'net.safetensors')));
    const expected = JSON.parse(readFileSync(join(folder, 'net.json'), 'utf8')).theta as number[];
    expect([...theta]).toEqual(expected);
    expect(readWeights(join(folder, 'net.safetensors'), layout)).toEqual(theta);
    expect(matches.slice(2, 4)).toEqual([
      { block: 'layers.1.weight', tensor: '2.weight' },
      { block: 'layers.1.bias', tensor: '2.bias' },
    ]);
  });

  const twoSquares = layoutOf(['layers.0.weight', [2, 2]], ['layers.1.weight', [2, 2]]);
  const firstOf = (tensors: NamedTensor[]) => matchWeights(twoSquares, tensors).theta[0];

  it('follows the order of appearance among equal shapes', () => {
    expect(firstOf([tensor('first', [2, 2], 1), tensor('again', [2, 2], 2)])).toBe(1);
  });
  it('undoes a writer’s sorting of numbered names', () => {
    expect(firstOf([tensor('net.10.weight', [2, 2], 10), tensor('net.2.weight', [2, 2], 2)])).toBe(2);
  });
  it('goes by the layout’s own names where the file has them', () => {
    expect(firstOf([tensor('layers.1.weight', [2, 2], 1), tensor('layers.0.weight', [2, 2], 7)])).toBe(7);
  });

  it('reports what does not fit on both sides, by name and shape', () => {
    const layout = layoutOf(['layers.0.weight', [4, 3]], ['layers.0.bias', [4]]);
    expect(() => matchWeights(layout, [tensor('w', [3, 4], 1), tensor('b', [4], 1), tensor('c', [5], 1)])).toThrow(
      'the model needs layers.0.weight [4, 3]; the file has w [3, 4], c [5] left over',
    );
    expect(() => matchWeights(layout, [tensor('w', [4, 3], 1)])).toThrow('the model needs layers.0.bias [4].');
  });

  it('refuses values that are not finite', () => {
    expect(() => matchWeights(layoutOf(['b', [2]]), [tensor('b', [2], Number.NaN)])).toThrow(
      'NaN in "b" at position 0',
    );
  });

  it('refuses other kinds of file', () => {
    expect(() => readTensors('model.pt')).toThrow('"model.pt" is neither .safetensors nor .npz');
  });
});

describe('running statistics', () => {
  const file = 'tests/fixtures/torch/batch-norm/weights.npz';
  const block = (name: string, size: number, offset: number) => ({ name, shape: [size], size, offset });
  const blocks = [
    block('layers.1.running_mean', 3, 0),
    block('layers.1.running_var', 3, 3),
    block('layers.4.running_mean', 4, 6),
    block('layers.4.running_var', 4, 10),
  ];

  it('are kept apart from the weights, means from variances', () => {
    const tensors = readTensors(file);
    const stored = (name: string) => Array.from(tensors.find((item) => item.name === name)!.data);
    const names = ['1.running_mean', '1.running_var', '5.running_mean', '5.running_var'];
    expect(Array.from(readStatistics(file, blocks)!)).toEqual(names.flatMap(stored));
    expect(readStatistics(join(folder, 'net.safetensors'), blocks)).toBeNull();
  });

  it('that do not fit are named', () => {
    expect(() => readStatistics(file, blocks.slice(0, 2))).toThrow('the file has 5.running_mean [4] left over');
  });
});
