import type { Objective, Rows, Vector } from '../../../../src/main/engine/objectives/objective';
import { createRng } from '../../../../src/main/engine/random';

/** Mean of ½(w·x + b − y)² over `examples` points of a noisy line, θ = (w, b): the smallest objective with examples. */
export function leastSquares(examples: number, options: { seed?: number; asynchronous?: boolean } = {}) {
  const rng = createRng(options.seed ?? 0, 'leastSquares');
  const x = Float64Array.from({ length: examples }, () => rng.normal());
  const y = x.map((value) => 2 * value - 1 + 0.3 * rng.normal());
  const all = Int32Array.from({ length: examples }, (_, i) => i);
  const seen: number[][] = [];
  const calls = { value: 0, gradient: 0, measure: 0 };
  const error = (params: Vector, i: number) => params[0]! * x[i]! + params[1]! - y[i]!;
  const mean = (rows: Rows, f: (i: number) => number) => rows.reduce((sum, i) => sum + f(i), 0) / rows.length;
  const loss = (params: Vector, rows: Rows = all) => mean(rows, (i) => 0.5 * error(params, i) ** 2);
  const answer = <T>(value: T) => (options.asynchronous ? Promise.resolve(value) : value);
  const objective: Objective = {
    dimension: 2,
    layout: [
      { name: 'weight', shape: [1], offset: 0, size: 1, role: 'weight' },
      { name: 'bias', shape: [1], offset: 1, size: 1, role: 'bias' },
    ],
    examples,
    precision: 'float64',
    executor: 'test',
    allocate: () => new Float64Array(2),
    value(params, rows) {
      calls.value++;
      return answer(loss(params, rows));
    },
    gradient(params, out, rows = all) {
      calls.gradient++;
      if (rows !== all) seen.push([...rows]);
      out[0] = mean(rows, (i) => error(params, i) * x[i]!);
      out[1] = mean(rows, (i) => error(params, i));
      return answer(loss(params, rows));
    },
    hessian: () => {
      throw new Error('not needed');
    },
    measure(params, rows = all) {
      calls.measure++;
      return answer({
        loss: loss(params, rows),
        standardError: 0,
        accuracy: mean(rows, (i) => (Math.abs(error(params, i)) < 0.5 ? 1 : 0)),
      });
    },
    plane: () => {
      throw new Error('not needed');
    },
    dispose() {},
  };
  /** `seen`: the rows of every gradient of a part of the examples. */
  return { objective, seen, calls, loss };
}
