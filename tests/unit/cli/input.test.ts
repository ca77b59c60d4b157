import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  parseGrid,
  parseNumbers,
  parsePositive,
  parseStep,
  parseWhole,
  readJson,
} from '../../../src/main/hosts/cli/input';
import { table } from '../../../src/main/hosts/cli/output';
import { toJson } from '../../../src/shared/json';
import { experimentSchema } from '../../../src/shared/model/experiment';
import { temporaryFolder } from '../store/sample';

it('takes grids of one or two sizes and refuses impossible ones', () => {
  expect(parseGrid('51')).toEqual([51, 51]);
  expect(parseGrid('64x48')).toEqual([64, 48]);
  expect(parseGrid('2048x2048')).toEqual([2_048, 2_048]);
  for (const text of ['0', '1', '-3', '1e9', '1000000000', '4097', '4096x1025', '2.5', 'abc', '', '51x', '3x3x3']) {
    expect(() => parseGrid(text), text).toThrow('A grid is');
  }
});

it('takes whole and positive numbers, steps and lists, nothing that only begins like one', () => {
  expect(parseWhole(1, 9)('7')).toBe(7);
  for (const text of ['0', '10', '2.5', '', ' ', 'abc', '7a', 'NaN', 'Infinity']) {
    expect(() => parseWhole(1, 9)(text), text).toThrow('from 1 to 9');
  }
  expect(parsePositive('1e-3')).toBe(0.001);
  for (const text of ['-1', '0', 'abc', '', 'Infinity']) expect(() => parsePositive(text), text).toThrow('above 0');
  expect([parseStep('final'), parseStep('20')]).toEqual(['final', 20]);
  expect(() => parseStep('last')).toThrow();
  expect(parseNumbers(2, 'x,y')('-0.5, 1e2')).toEqual([-0.5, 100]);
  for (const text of ['1', '1,', '1,2,3', 'a,b']) expect(() => parseNumbers(2, 'x,y')(text), text).toThrow('Give x,y');
});

it('names every wrong field of a file with the value it has', () => {
  const path = join(temporaryFolder(), 'experiment.json');
  const read = (content: unknown) => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return readJson(path, experimentSchema, 'experiment');
  };
  const experiment = {
    objective: { kind: 'function', name: 'himmelblau' },
    optimizer: { name: 'sgd', learningRate: 0.01 },
  };
  expect(read(experiment).seed).toBe(0);
  expect(() => read({ ...experiment, seed: -1, optimizer: { name: 'sgd', learningRate: 'abc' } })).toThrow(
    /optimizer\.learningRate = "abc": .*; seed = -1: /,
  );
  expect(() => read({ ...experiment, objective: { kind: 'net' } })).toThrow(
    /objective\.kind = "net": .*network.*function/,
  );
  expect(() => read('{"objective":')).toThrow(/experiment\.json" is not JSON/);
  expect(() => readJson(`${path}.not`, experimentSchema, 'experiment')).toThrow('There is no experiment');
  expect(() => readJson(join(path, '..'), experimentSchema, 'experiment')).toThrow('is a folder');
});

it('writes JSON any parser takes and tables with numbers to the right', () => {
  expect(JSON.parse(toJson({ a: Number.NaN, b: new Float64Array([1, Number.POSITIVE_INFINITY]) }))).toEqual({
    a: null,
    b: [1, null],
  });
  expect(
    table(
      ['name', 'loss'],
      [
        ['sgd', 0.5],
        ['adam', 12],
      ],
    ),
  ).toEqual(['name  loss', 'sgd    0.5', 'adam    12']);
});
