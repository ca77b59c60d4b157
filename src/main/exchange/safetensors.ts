import { z } from 'zod';
import { badInput } from '../../shared/errors';
import * as scalar from './scalarTypes';
import { countElements, formatShape, type NamedTensor } from './tensor';

/** The limit of the format's own implementation. */
const maximumHeaderBytes = 100_000_000;

const types: Record<string, scalar.ScalarType> = {
  F64: scalar.float64,
  F32: scalar.float32,
  F16: scalar.float16,
  BF16: scalar.bfloat16,
  I64: scalar.int64,
  U64: scalar.uint64,
  I32: scalar.int32,
  U32: scalar.uint32,
  I16: scalar.int16,
  U16: scalar.uint16,
  I8: scalar.int8,
  U8: scalar.uint8,
  BOOL: scalar.uint8,
};

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
type Entry = z.infer<typeof entrySchema>;

/**
 * The tensors of a .safetensors file in the header's order: u64 header length, a JSON object
 * {name: {dtype, shape, data_offsets}}, then the elements, which the tensors cover without gap or overlap.
 * @param where names the file in the messages
 * @throws badInput for anything else; a cut-off file says how many bytes are missing
 */
export function readSafetensors(bytes: Uint8Array, where: string): NamedTensor[] {
  if (bytes.length < 8) throw badInput(`${where} is cut off: ${8 - bytes.length} bytes of its header are missing.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimed = view.getBigUint64(0, true);
  const headerBytes = Number(claimed);
  if (headerBytes > maximumHeaderBytes) {
    throw badInput(
      `${where} is not a .safetensors file: it claims a header of ${claimed} bytes, at most ${maximumHeaderBytes} are allowed.`,
    );
  }
  const dataStart = 8 + headerBytes;
  if (bytes.length < dataStart) {
    throw badInput(`${where} is cut off: ${dataStart - bytes.length} bytes of its header are missing.`);
  }
  const entries = parseHeader(bytes.subarray(8, dataStart), where);
  checkCoverage(entries, bytes.length - dataStart, where);
  return entries.map(([name, { dtype, shape, data_offsets }]) => {
    const [begin, end] = data_offsets;
    const place = `${where}, tensor "${name}"`;
    const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
    if (!type) throw badInput(`${place} has dtype "${dtype}".`, `Known: ${Object.keys(types).join(', ')}.`);
    const size = countElements([...shape, type.bytes]);
    if (size !== end - begin) {
      throw badInput(
        `${place}: ${dtype} of shape ${formatShape(shape)} needs ${size} bytes, its offsets hold ${end - begin}.`,
      );
    }
    return { name, shape, data: type.decode(bytes.subarray(dataStart + begin, dataStart + end), place) };
  });
}

function parseHeader(bytes: Uint8Array, where: string): [string, Entry][] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw badInput(`${where} is not a .safetensors file: its header is not JSON.`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw badInput(`${where} is not a .safetensors file: its header is not a JSON object.`);
  }
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]): [string, Entry] => {
      const entry = entrySchema.safeParse(value);
      if (!entry.success) throw badInput(`${where}, tensor "${name}": dtype, shape or data_offsets is not valid.`);
      return [name, entry.data];
    });
  // JSON.parse moves keys such as "0" to the front, ascending; the offsets still know the order of appearance.
  const integerNames = entries.some(([name]) => /^\d+$/.test(name));
  return integerNames ? byOffset(entries) : entries;
}

const byOffset = (entries: [string, Entry][]) =>
  entries.toSorted(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);

function checkCoverage(entries: [string, Entry][], dataBytes: number, where: string): void {
  let end = 0;
  for (const [name, { data_offsets }] of byOffset(entries)) {
    const [from, to] = data_offsets;
    if (to < from) throw badInput(`${where}, tensor "${name}": data_offsets [${from}, ${to}] run backwards.`);
    if (from < end) throw badInput(`${where}, tensor "${name}" overlaps another one at byte ${from}.`);
    if (from > end) throw badInput(`${where}: ${from - end} bytes before tensor "${name}" belong to no tensor.`);
    end = to;
  }
  if (end > dataBytes) {
    throw badInput(
      `${where} is cut off: ${end - dataBytes} bytes are missing (its tensors need ${end}).`,
      'Copy or download the file again.',
    );
  }
  if (end < dataBytes) throw badInput(`${where} has ${dataBytes - end} bytes that belong to no tensor.`);
}
