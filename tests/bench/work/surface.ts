import { computeSurface, type SurfaceResult } from '../../../src/main/engine/surface/compute';
import type { PeerWork, Work } from '../harness';
import { type Context, createProblem, type Net, type Problem } from '../problem';

/** How a peer computes the same surface. */
export interface SurfacePeer {
  job: 'points' | 'trick' | 'landscapes';
  /** The peer computes every n-th row of the grid and its time is scaled: n while it is timed, and while settings are tried. */
  stride?: number;
  trialStride?: number;
  /** Of loss-landscapes: its grid, whose time is scaled by the number of points. */
  side?: number;
  settings?: readonly Record<string, unknown>[];
}

/** What a computation ends with. */
export async function drain<T>(tiles: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const next = await tiles.next();
    if (next.done) return next.value;
  }
}

/** A whole surface on two Gaussian directions about θ₀. */
export const surface =
  (net: Net, examples: number, points: number, peer: SurfacePeer) =>
  async (context: Context): Promise<Work & { peer: PeerWork }> => {
    const problem = await createProblem(context, net, examples, { rows: examples, purpose: 'point' });
    const { objective, params } = problem;
    const [d1, d2] = [problem.draw('d1', 0.1), problem.draw('d2', 0.1)];
    const axes = { origin: Float32Array.from(params), d1: d1.vector, d2: d2.vector };
    const compute = () => drain(computeSurface(objective, axes, { range: [-1, 1, -1, 1], grid: [points, points] }));
    const { stride = 1, trialStride = stride, settings, ...job } = peer;
    return {
      executor: objective.executor,
      async run() {
        const start = performance.now();
        await compute();
        return { seconds: (performance.now() - start) / 1_000, count: points * points };
      },
      dispose: () => objective.dispose(),
      peer: {
        job: { ...job, problem: problem.files, d1: d1.file, d2: d2.file, points, stride, warmup: 10 },
        trial: { stride: trialStride },
        ...(settings && { settings }),
        agreement: peer.job === 'landscapes' ? sameLosses(problem) : sameRows(compute, points, stride, settings),
      },
    };
  };

function sameRows(
  compute: () => Promise<SurfaceResult>,
  points: number,
  stride: number,
  settings: SurfacePeer['settings'],
): PeerWork['agreement'] {
  return {
    tolerance: 1e-5,
    ...(settings && { job: settings.at(-1)! }),
    async ours() {
      const { loss } = await compute();
      return Float64Array.from(loss.filter((_, cell) => Math.floor(cell / points) % stride === 0));
    },
  };
}

/** loss-landscapes draws its own plane: it gives θ and the loss of each of its points. */
function sameLosses({ objective, params }: Problem): PeerWork['agreement'] {
  const row = params.length + 1;
  return {
    job: { side: 3 },
    tolerance: 1e-5,
    theirs: (numbers) => numbers.filter((_, i) => i % row === params.length),
    async ours(numbers) {
      const theta = objective.allocate();
      const losses = new Float64Array(numbers.length / row);
      for (let k = 0; k < losses.length; k++) {
        theta.set(numbers.subarray(k * row, k * row + params.length));
        losses[k] = await objective.value(theta);
      }
      return losses;
    },
  };
}

/** Whole surfaces of about so many points. */
export const surfaceOfPoints =
  (net: Net, examples: number) =>
  async (context: Context, cells: number): Promise<Work> =>
    surface(net, examples, Math.round(Math.sqrt(cells)), { job: 'points' })(context);
