import { readFile } from 'node:fs/promises';
import { extname, isAbsolute, join } from 'node:path';
import { badInput } from '../../shared/errors';
import type { DataSource, DataSpec } from '../../shared/model/experiment';
import { builtinFiles, parseBuiltin } from '../engine/datasets/builtin';
import { generate, generateFresh } from '../engine/datasets/generate';
import { parseCsv } from '../engine/datasets/parseCsv';
import { parseNpzArrays } from '../engine/datasets/parseNpz';
import { type PreparedData, prepareData, type RawData } from '../engine/datasets/prepareData';
import { readNpz } from '../exchange/npz';

export interface DataLoader {
  /** Reads, splits and standardizes. */
  load(spec: DataSpec): Promise<PreparedData>;
}

/**
 * @param datasetsFolder the built-in files
 * @param importsFolder what relative paths of 'file' sources are relative to
 */
export function createDataLoader(datasetsFolder: string, importsFolder: string): DataLoader {
  async function read(source: DataSource): Promise<RawData> {
    switch (source.kind) {
      case 'builtin':
        return parseBuiltin(source.name, await readFile(join(datasetsFolder, builtinFiles[source.name])));
      case 'generated':
        return generate(source);
      case 'file': {
        const path = isAbsolute(source.path) ? source.path : join(importsFolder, source.path);
        const bytes = await readFile(path);
        switch (extname(path).toLowerCase()) {
          case '.csv':
            return parseCsv(bytes, { target: source.target, name: source.path });
          case '.npz':
            return parseNpzArrays(readNpz(bytes, `"${source.path}"`, ['x', 'y']), {
              target: source.target,
              name: source.path,
            });
          default:
            throw badInput(
              `"${source.path}" is neither .csv nor .npz.`,
              'Save the data as CSV (last column: target) or NPZ (arrays x and y).',
            );
        }
      }
      default:
        return source satisfies never;
    }
  }
  return {
    async load(spec) {
      const { source } = spec;
      const fresh =
        source.kind === 'generated' && source.freshValidation ? generateFresh(source, source.freshValidation) : null;
      return prepareData(await read(source), spec, fresh);
    },
  };
}
