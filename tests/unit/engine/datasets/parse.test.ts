import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../../src/main/engine/datasets/parseCsv';
import { type NumberArray, parseNpzArrays } from '../../../../src/main/engine/datasets/parseNpz';
import { UserError } from '../../../../src/shared/errors';

const csv = (text: string, target: 'class' | 'number' = 'class') =>
  parseCsv(new TextEncoder().encode(text), { target, name: 'mine.csv' });

function refusal(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe('badInput');
    return error as UserError;
  }
  throw new Error('was accepted');
}

describe('csv', () => {
  test.each([
    ['header and text classes', 'a,b,kind\n1,2,dog\n3,4,cat\n', ['cat', 'dog'], [1, 0]],
    ['no header, numeric classes in numeric order', '1,2,10\n3,4,9\n', ['9', '10'], [1, 0]],
    [
      'semicolons, blanks, CRLF, empty lines, BOM',
      '\ufeffa; b; kind\r\n\r\n1; 2; x\r\n3;4;y\r\n\r\n',
      ['x', 'y'],
      [0, 1],
    ],
    ['tabs and quotes', '"a"\t"b"\t"kind"\n"1"\t2\t"x, y"\n3\t4\tz', ['x, y', 'z'], [0, 1]],
    ['1 and 1.0 are one class', '1,2,1\n3,4,1.0\n', ['1'], [0, 0]],
  ])('%s', (_, text, classes, labels) => {
    const raw = csv(text);
    expect(raw).toMatchObject({ examples: 2, inputShape: [2] });
    expect([...raw.x]).toEqual([1, 2, 3, 4]);
    expect(raw.target).toEqual({ kind: 'class', labels: Int32Array.from(labels), classes });
  });

  test('numeric targets', () => {
    const raw = csv('x,y\n-1.5e-3,.5\n+2,7.\n', 'number');
    expect([...raw.x]).toEqual([-0.0015, 2]);
    expect(raw.target).toEqual({ kind: 'number', values: Float64Array.of(0.5, 7), shape: [] });
  });

  test.each([
    ['', 'class', '"mine.csv" is empty'],
    ['\n\n', 'class', '"mine.csv" is empty'],
    ['1\n2\n', 'class', 'has one column'],
    ['a,b\n', 'class', 'a header and no rows'],
    ['a,b,c\n1,2,x\n3,,y\n', 'class', 'Row 3, column "b" of "mine.csv" is empty'],
    ['a,b,c\n1,NaN,x\n', 'class', 'Row 2, column "b" of "mine.csv" is "NaN", not a finite number'],
    ['1,2,x\n\n3,inf,y\n', 'class', 'Row 3, column 2 of "mine.csv" is "inf"'],
    ['1,2,x\n3,0x10,y\n', 'class', 'Row 2, column 2 of "mine.csv" is "0x10"'],
    ['1,2,x\n3,1e999,y\n', 'class', 'Row 2, column 2 of "mine.csv" is "1e999"'],
    ['1,two,x\n', 'class', 'Row 1, column 2 of "mine.csv" is "two"'],
    ['1,2,x\n3,4\n', 'class', 'Row 2 of "mine.csv" has 2 cells; row 1 has 3'],
    ['1,2,x\n3,4,\n', 'class', 'Row 2, column 3 of "mine.csv" is empty'],
    ['1,2,0.5\n3,4,1\n', 'class', 'Row 1, column 3 of "mine.csv" is 0.5, not a class'],
    ['1,2,x\n', 'number', 'Row 1, column 3 of "mine.csv" is "x"'],
    ['1,"2,x\n', 'class', 'cannot be read as CSV'],
  ] as const)('%j (%s) is refused: %s', (text, target, message) => {
    expect(refusal(() => csv(text, target)).message).toContain(message);
  });

  test('any table of numbers comes back as written', () => {
    const cell = fc.double({ noNaN: true, noDefaultInfinity: true });
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain((columns) =>
        fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 9 }),
      );
    fc.assert(
      fc.property(table, (rows) => {
        const raw = csv(rows.map((row) => row.join(',')).join('\n'), 'number');
        const values = raw.target.kind === 'number' ? raw.target.values : [];
        const features = rows[0]!.length - 1;
        rows.forEach((row, i) => {
          expect([...raw.x.slice(i * features, (i + 1) * features), values[i]]).toEqual(
            row.map((v) => Number(String(v))),
          );
        });
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('npz', () => {
  const array = (name: string, shape: number[], data: ArrayLike<number>): NumberArray => ({ name, shape, data });
  const npz = (x: NumberArray, y: NumberArray, target: 'class' | 'number' = 'class') =>
    parseNpzArrays([x, y], { target, name: 'mine.npz' });
  const x = array('x', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
  const y = array('y', [3], Int32Array.of(0, 2, 0));

  test('class indices stay what they are, also where a class has no example', () => {
    const raw = npz(x, y);
    expect(raw).toMatchObject({ examples: 3, inputShape: [2] });
    expect([...raw.x]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(raw.target).toEqual({ kind: 'class', labels: Int32Array.of(0, 2, 0), classes: ['0', '1', '2'] });
  });

  test.each([
    [[3], [1]],
    [
      [3, 1, 2, 2],
      [1, 2, 2],
    ],
    [
      [3, 2, 2],
      [2, 2],
    ],
  ])('x of shape %j gives inputs %j', (shape, inputShape) => {
    const size = shape.reduce((a, b) => a * b);
    expect(npz(array('x', shape, new Float64Array(size)), y).inputShape).toEqual(inputShape);
  });

  test('numeric targets keep the shape of one example', () => {
    const values = Float64Array.of(0.5, 1, 1.5, 2, 2.5, 3);
    expect(npz(x, array('y', [3, 2], values), 'number').target).toEqual({ kind: 'number', values, shape: [2] });
    expect(npz(x, array('y', [3], values.slice(0, 3)), 'number').target).toMatchObject({ shape: [] });
  });

  test.each([
    [[x], 'class', 'no array "y"; its arrays: x'],
    [[array('x', [], [1]), y], 'class', 'The array x of "mine.npz" has shape []'],
    [[array('x', [3, 1, 1, 1, 1], [1, 2, 3]), y], 'class', 'has shape [3, 1, 1, 1, 1]'],
    [[x, array('y', [2], [0, 1])], 'class', 'has 3 rows in x, shape [3, 2], and y has shape [2]'],
    [[array('x', [3, 2], [1, 2, 3, Number.NaN, 5, 6]), y], 'class', 'x[1, 1] of "mine.npz" is NaN'],
    [[x, array('y', [3], [0, -1, 1])], 'class', 'y[1] of "mine.npz" is -1, not a class index'],
    [[x, array('y', [3], [0, 1, 0.5])], 'class', 'y[2] of "mine.npz" is 0.5'],
    [[x, array('y', [3, 2], [0, 1, 0, 1, 0, 1])], 'class', 'class indices have one per example'],
    [[x, array('y', [3], [0, 1, Number.POSITIVE_INFINITY])], 'number', 'y[2] of "mine.npz" is Infinity'],
    [[x, array('y', [3, 1, 1], [0, 1, 2])], 'number', 'has shape [3, 1, 1]'],
  ] as const)('case %# is refused', (arrays, target, message) => {
    const error = refusal(() => parseNpzArrays(arrays as readonly NumberArray[], { target, name: 'mine.npz' }));
    expect(error.message).toContain(message);
    expect(error.cure).toBeTruthy();
  });
});
