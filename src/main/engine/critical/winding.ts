import type { Domain } from '../../../shared/model/experiment';
import { gradientNorm, hasFiniteJet, type Jet } from './jet';

type Evaluate = (x: number, y: number) => Promise<Jet>;

/** Points per edge to begin with; gradients whose directions differ by more than `largestTurn` get points between them. */
const initialPoints = 16;
const largestTurn = Math.PI / 4;
/** Halvings of the distance between two points. */
const deepest = 30;
/** Evaluations on one box; a gradient that turns more often than these can follow is noise. */
const mostEvaluations = 20_000;

/**
 * How often ∇f turns around the origin while (x, y) runs once round a box, counter-clockwise: the sum of the indices of
 * the critical points inside (Poincaré–Hopf).
 *
 * @returns null where ∇f vanishes, jumps, is not finite or turns too often on the edge
 */
export async function windingNumber(jet: Evaluate, [x0, x1, y0, y1]: Domain): Promise<number | null> {
  const corners = [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
    [x0, y0],
  ] as const;
  let total = 0;
  let evaluations = 0;
  const counted = async (x: number, y: number): Promise<Jet | null> =>
    evaluations++ < mostEvaluations ? jet(x, y) : null;
  for (let edge = 0; edge < 4; edge++) {
    const [fromX, fromY] = corners[edge]!;
    const [toX, toY] = corners[edge + 1]!;
    const at = (t: number) => counted(fromX + t * (toX - fromX), fromY + t * (toY - fromY));
    let before = await at(0);
    for (let k = 0; k < initialPoints; k++) {
      const [start, end] = [k / initialPoints, (k + 1) / initialPoints];
      const after = await at(end);
      const turned = await turn(at, start, before, end, after, deepest);
      if (turned === null) return null;
      total += turned;
      before = after;
    }
  }
  return Math.round(total / (2 * Math.PI));
}

/** The angle from the gradient at `a` to that at `b`, followed in steps small enough to be unambiguous. */
async function turn(
  at: (t: number) => Promise<Jet | null>,
  a: number,
  atA: Jet | null,
  b: number,
  atB: Jet | null,
  depth: number,
): Promise<number | null> {
  if (!isDirected(atA) || !isDirected(atB)) return null;
  const angle = Math.atan2(atA.gx * atB.gy - atA.gy * atB.gx, atA.gx * atB.gx + atA.gy * atB.gy);
  const middle = (a + b) / 2;
  if (Math.abs(angle) <= largestTurn) return angle;
  if (depth === 0) return null;
  const atMiddle = await at(middle);
  const first = await turn(at, a, atA, middle, atMiddle, depth - 1);
  if (first === null) return null;
  const second = await turn(at, middle, atMiddle, b, atB, depth - 1);
  return second === null ? null : first + second;
}

const isDirected = (at: Jet | null): at is Jet => at !== null && hasFiniteJet(at) && gradientNorm(at) > 0;
