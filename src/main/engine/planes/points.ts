import type { Domain } from '../../../shared/model/experiment';
import type { Checkpoint, PlaneSpec } from '../../../shared/model/landscape';
import type { ParameterLayout } from '../../../shared/model/run';
import type { Vector } from '../objectives/objective';
import { createProjector } from '../trajectory/project';
import { addScaled, norm } from '../vectors';
import { describeBasis, orthonormalized, type PlaneBasis } from './basis';
import { checkpointOf, originRow, type PlaneData, sourcesOf } from './data';
import { squareDirection } from './directions';
import { randomDirection } from './random';

/** A basis with the least window it should be seen in. */
export interface FramedBasis {
  basis: PlaneBasis;
  window: Domain;
}

/** Around the points, as a share of their extent. */
const margin = 0.35;

/** Through two or three recorded points (see `planeSpecSchema`). @throws badInput where they coincide or lie on a line */
export function pointsPlane(spec: Extract<PlaneSpec, { kind: 'points' }>, data: PlaneData): FramedBasis {
  const [a, b, c] = spec.points.map((point, i) => checkpointOf(point, data, ['plane', 'points', i]));
  const labels = spec.points.slice(1).map((point) => `toward ${pointName(point)}`);
  if (c) return planeOfThree([a!, b!, c], [labels[0]!, labels[1]!], spec.axes);
  const line = difference(b!, a!);
  return framed(
    describeBasis({
      origin: a!,
      d1: line,
      d2: norm(line) > 0 ? squareRandom(line, a!, data.layout, spec.seed) : line,
      center: [0, 0],
      labels: [labels[0]!, 'random'],
      explainedVarianceRatio: null,
    }),
    [a!, b!],
    spec.axes,
  );
}

const pointName = ({ run, row }: Checkpoint): string => `run ${run + 1}${row === 'final' ? ' (end)' : ` (row ${row})`}`;

/** Both ends of a kept curve and its middle bend. */
export async function connectionPlane(
  spec: Extract<PlaneSpec, { kind: 'connection' }>,
  data: PlaneData,
): Promise<FramedBasis> {
  const nodes = (await sourcesOf(data).connection(spec.id)).map((node) => Float64Array.from(node));
  const bend = nodes[Math.floor((nodes.length - 1) / 2)]!;
  if (nodes.length > 2)
    return planeOfThree([nodes[0]!, nodes.at(-1)!, bend], ['toward the other end', 'toward the bend'], spec.axes);
  const line = difference(nodes[1]!, nodes[0]!);
  const d2 = squareRandom(line, nodes[0]!, data.layout, 0);
  const basis = describeBasis({
    ...{ origin: nodes[0]!, d1: line, d2, center: [0, 0], explainedVarianceRatio: null },
    labels: ['toward the other end', 'random'],
  });
  return framed(basis, [nodes[0]!, nodes[1]!], spec.axes);
}

function planeOfThree(
  points: readonly [Float64Array, Float64Array, Float64Array],
  labels: [string, string],
  axes: 'given' | 'orthonormal',
): FramedBasis {
  const [a, b, c] = points;
  const basis = describeBasis({
    origin: a,
    d1: difference(b, a),
    d2: difference(c, a),
    center: [0, 0],
    labels,
    explainedVarianceRatio: null,
  });
  return framed(basis, points, axes);
}

/** One or two directions from files through a row of the first run. */
export async function filePlane(spec: Extract<PlaneSpec, { kind: 'file' }>, data: PlaneData): Promise<PlaneBasis> {
  const origin = originRow(spec.origin, data);
  const { direction } = sourcesOf(data);
  const [first, second] = spec.paths as [string, string?];
  const d1 = await direction(first);
  const basis = describeBasis({
    origin,
    d1,
    d2: second === undefined ? squareRandom(d1, origin, data.layout, spec.seed) : await direction(second),
    center: [0, 0],
    labels: [fileName(first), second === undefined ? 'random' : fileName(second)],
    explainedVarianceRatio: null,
  });
  return spec.axes === 'orthonormal' ? orthonormalized(basis) : basis;
}

const fileName = (path: string): string => path.split(/[\\/]/).at(-1)!;

/** Filter-normalized, biases zero, square to d and as long. */
function squareRandom(d: Float64Array, origin: Float64Array, layout: ParameterLayout, seed: number): Float64Array {
  const options = { seed, normalization: 'filter', biases: 'zero' } as const;
  return squareDirection(randomDirection(origin, layout, options, 'plane/second direction'), [d], norm(d), 'random');
}

function difference(a: Float64Array, b: Vector): Float64Array {
  const out = a.slice();
  addScaled(out, -1, b);
  return out;
}

function framed(given: PlaneBasis, points: readonly Float64Array[], axes: 'given' | 'orthonormal'): FramedBasis {
  const basis = axes === 'orthonormal' ? orthonormalized(given) : given;
  const projector = createProjector(basis);
  const at = points.map((point) => {
    const { x, y } = projector.project(Float32Array.from(point), 1);
    return [x[0]!, y[0]!] as const;
  });
  const xs = at.map(([x]) => x);
  const ys = at.map(([, y]) => y);
  const width = Math.max(...xs) - Math.min(...xs);
  const height = Math.max(...ys) - Math.min(...ys);
  // Two points span no height: half their distance to each side, in lengths of parameter space.
  const tall = height * basis.norms[1] > 1e-6 * width * basis.norms[0];
  const reach = tall ? margin * height : (width * basis.norms[0]) / basis.norms[1] / 2;
  return {
    basis,
    window: [
      Math.min(...xs) - margin * width,
      Math.max(...xs) + margin * width,
      Math.min(...ys) - reach,
      Math.max(...ys) + reach,
    ],
  };
}
