import { expect, test } from 'vitest';
import { classify } from '../../../../src/main/engine/critical/classify';

const at = (gradientNorm: number) => ({ dimension: 100, gradientNorm });
const seen = (eigenvalues: number[], smallestKnown = true, largestKnown = true) => ({
  eigenvalues,
  smallestKnown,
  largestKnown,
});

test.each([
  ['all positive', seen([8, 5, 0.1]), 'minimum', 0],
  ['all negative', seen([-1, -2]), 'maximum', 100],
  ['both signs', seen([8, -0.1, -2]), 'saddle', 2],
  ['both signs and zeros between', seen([8, 0, -2]), 'saddle', 1],
  ['both signs, not converged', seen([8, -2], false, false), 'saddle', 1],
  ['a zero among positive ones', seen([8, 1, 1e-7]), 'degenerate', null],
  ['a zero among negative ones', seen([-8, 1e-7]), 'degenerate', null],
  ['nothing but zeros', seen([0, 0]), 'degenerate', null],
  ['positive, the smallest not converged', seen([8, 1], false), 'degenerate', null],
  ['negative, the largest not converged', seen([-8, -1], true, false), 'degenerate', null],
  ['no eigenvalue at all', seen([]), 'degenerate', null],
] as const)('%s', (_, spectrum, kind, index) => {
  expect(classify(at(0), spectrum)).toMatchObject({ kind, index });
});

test('the gradient tolerance follows the curvature and is reported with the name', () => {
  expect(classify(at(0.9e-4), seen([10, 1]))).toEqual({
    kind: 'minimum',
    index: 0,
    gradientNorm: 0.9e-4,
    tolerances: { gradient: 1e-5 * 10, eigenvalue: 1e-6 * 10 },
  });
  expect(classify(at(1.1e-4), seen([10, 1]))).toMatchObject({ kind: 'notCritical', index: null });
  // A loss a thousand times larger at the same point keeps its name.
  expect(classify(at(0.09), seen([10_000, 1_000]))).toMatchObject({ kind: 'minimum' });
  // A slope without curvature is not critical, however gentle.
  expect(classify(at(1e-6), seen([0, 0]))).toMatchObject({ kind: 'notCritical' });
  expect(classify(at(Number.NaN), seen([1]))).toMatchObject({ kind: 'notCritical' });
});

test('a coarser zero test can be asked for', () => {
  const spectrum = seen([10, 0.001]);
  expect(classify(at(0), spectrum)).toMatchObject({ kind: 'minimum' });
  expect(classify({ ...at(0), eigenvalueTolerance: 0.01 }, spectrum)).toMatchObject({
    kind: 'degenerate',
    tolerances: { eigenvalue: 0.01 },
  });
});
