import { lanczosExtremes } from '../../../src/main/engine/curvature/lanczos';
import { measureSpectrum } from '../../../src/main/engine/curvature/spectrum';
import type { PeerWork, Work } from '../harness';
import { type Context, createProblem, type DataKind, type Net } from '../problem';
import { sgd } from './training';

export const gradient =
  (net: Net, examples: number, count: number) =>
  async (context: Context): Promise<Work> => {
    const { objective, params } = await createProblem(context, net, examples, { rows: examples, purpose: 'gradient' });
    const out = objective.allocate();
    return {
      executor: objective.executor,
      async run() {
        const start = performance.now();
        for (let i = 0; i < count; i++) await objective.gradient(params, out);
        return { seconds: (performance.now() - start) / 1_000, count };
      },
      dispose: () => objective.dispose(),
    };
  };

/**
 * Products with one Hessian as Lanczos asks for them: the primal pass is shared. `alone` makes the Hessian anew for every
 * product, which is what one double backward of the peer does.
 */
export const hvp =
  (net: Net, examples: number, count: number, { alone }: { alone: boolean }) =>
  async (context: Context): Promise<Work & { peer: PeerWork }> => {
    const problem = await createProblem(context, net, examples, { rows: examples, purpose: 'gradient' });
    const { objective, params } = problem;
    const drawn = problem.draw('v', 1);
    const v = objective.allocate();
    v.set(drawn.vector);
    const out = objective.allocate();
    let hessian = await objective.hessian(params);
    const run = async () => {
      const start = performance.now();
      for (let i = 0; i < count; i++) {
        if (alone) {
          hessian.dispose();
          hessian = await objective.hessian(params);
        }
        await hessian.apply(v, out);
      }
      return { seconds: (performance.now() - start) / 1_000, count };
    };
    return {
      executor: objective.executor,
      run,
      dispose() {
        hessian.dispose();
        objective.dispose();
      },
      peer: {
        job: { job: 'hvp', problem: problem.files, v: drawn.file, warmup: 3, count },
        agreement: {
          tolerance: 1e-4,
          async ours() {
            await run();
            return Float64Array.from(out);
          },
        },
      },
    };
  };

const tolerance = 1e-4;
const top = 5;

/** The five largest eigenvalues and the smallest at a θ that was trained for `steps`, each to ‖Hv − λv‖ ≤ 1e-4·λ₁. */
export const eigenvalues =
  (net: Net, examples: number, kind: DataKind, steps: number, peerSeconds: number) =>
  async (context: Context): Promise<Work & { peer: PeerWork }> => {
    const problem = await createProblem(context, net, examples, { rows: examples, purpose: 'gradient' }, kind);
    const { objective, params } = problem;
    await sgd(problem, 50, steps, 0.1);
    problem.saveParams();
    const spectrum = () => measureSpectrum(objective, params, { top, bottom: 1, tolerance, method: 'lanczos' });
    return {
      executor: objective.executor,
      async run() {
        const start = performance.now();
        const { eigenvalues, bottom, iterations } = await spectrum();
        const seconds = (performance.now() - start) / 1_000;
        const worst = Math.max(...[...eigenvalues, ...bottom].map(({ residual }) => residual)) / eigenvalues[0]!.value;
        if (!(worst <= tolerance)) throw new Error(`an eigenvalue of ours has a residual of ${worst}·λ₁`);
        return { seconds, count: iterations };
      },
      dispose: () => objective.dispose(),
      peer: {
        job: { job: 'eigenvalues', problem: problem.files, top, tolerance, limit: peerSeconds },
        trial: { limit: 2 },
        agreement: {
          job: { limit: 2 * peerSeconds },
          // Two values within their residuals may be this far apart.
          tolerance: 2 * tolerance * Math.sqrt(top + 1),
          async ours(theirs) {
            const { eigenvalues, bottom } = await spectrum();
            const found = eigenvalues.map(({ value }) => value);
            return Float64Array.of(...inOrderOf(theirs.subarray(0, top), found), bottom[0]!.value);
          },
        },
      },
    };
  };

/** Power iteration meets close eigenvalues in any order: each value beside the nearest, each used once. */
function inOrderOf(theirs: Float64Array, found: number[]): number[] {
  const left = [...found];
  return Array.from(theirs, (value) => {
    const distances = left.map((own) => Math.abs(own - value));
    const nearest = Number.isNaN(value) ? 0 : distances.indexOf(Math.min(...distances));
    return left.splice(nearest, 1)[0]!;
  });
}

/** As many Lanczos steps as asked for: the tolerance is never reached. */
export const lanczosSteps =
  (net: Net, examples: number) =>
  async (context: Context, steps: number): Promise<Work> => {
    const { objective, params } = await createProblem(context, net, examples, { rows: examples, purpose: 'gradient' });
    return {
      executor: objective.executor,
      async run() {
        const start = performance.now();
        const hessian = await objective.hessian(params);
        await lanczosExtremes(hessian, { top: 1, bottom: 1, tolerance: 1e-30, maxIterations: steps, copies: false });
        hessian.dispose();
        return { seconds: (performance.now() - start) / 1_000, count: steps };
      },
      dispose: () => objective.dispose(),
    };
  };
