import type { LayerSpec } from '../../../../shared/model/experiment';
import type { GraphBuilder } from '../builder';
import type { Op, Pass, TensorId } from '../ir';
import { type EmittedActivation, emitActivation } from './activation';
import type { EmittedLayer, LayerPlace } from './layer';

/**
 * hₜ = f(zₜ), zₜ = xₜ Wᵀ + hₜ₋₁ Uᵀ + b + c from h₋₁ = 0, unrolled over the steps, with torch.nn.RNN's parameters
 * weight_ih_l0 = W, weight_hh_l0 = U, bias_ih_l0 = b, bias_hh_l0 = c, the same at every step. With dzₜ = f'(zₜ)∘dhₜ:
 *
 *     dhₜ = dyₜ + dzₜ₊₁ U      dW = Σₜ dzₜᵀ xₜ      dU = Σₜ dzₜᵀ hₜ₋₁      db = dc = Σₜ Σ dzₜ      dxₜ = dzₜ W
 *
 * and the tangents of these by the product rule, V and Q the tangents of W and U.
 */
export function emitRecurrent(
  builder: GraphBuilder,
  { name, x, inputShape, shape }: LayerPlace,
  { units, activation, returnSequences }: Extract<LayerSpec, { type: 'recurrent' }>,
): EmittedLayer {
  const [steps, features] = inputShape as [number, number];
  const w = builder.parameter(`${name}.weight_ih_l0`, [units, features], 'weight');
  const u = builder.parameter(`${name}.weight_hh_l0`, [units, units], 'weight');
  const biases = ['bias_ih_l0', 'bias_hh_l0'].map((bias) => builder.parameter(`${name}.${bias}`, [units], 'bias'));
  const times = Array.from({ length: steps }, (_, t) => t);
  /** One step from a state of zeros: U is multiplied by nothing. */
  const isSingle = steps === 1;

  const rows = (pass: Pass, label: string, size: number, op: Op): TensorId =>
    builder.emit(pass, `${name}.${label}`, [size], op);
  const sum = (pass: Pass, label: string, size: number, ops: readonly Op[]): TensorId =>
    ops.map((op) => rows(pass, label, size, op)).reduce((a, b) => rows(pass, label, size, { op: 'add', a, b }));
  const stepsOf = (pass: Pass, label: string, id: TensorId, size: number): TensorId[] =>
    times.map((t) => rows(pass, `${label}${t}`, size, { op: 'sliceStep', x: id, index: t }));
  /** The gradients (or tangents of gradients) of each step's state that come from y. */
  const fromResult = (pass: Pass, label: string, dy: TensorId): (TensorId | null)[] =>
    returnSequences ? stepsOf(pass, label, dy, units) : times.map((t) => (t === steps - 1 ? dy : null));
  const result = (pass: Pass, label: string, states: readonly TensorId[]): TensorId =>
    returnSequences
      ? builder.emit(pass, `${name}.${label}`, shape, { op: 'stackSteps', parts: states })
      : states.at(-1)!;
  const withBiases = (pass: Pass, label: string, z: TensorId, tangents: boolean): TensorId =>
    biases.reduce(
      (id, { value, tangent }) => rows(pass, label, units, { op: 'addBias', x: id, bias: tangents ? tangent : value }),
      z,
    );

  const inputs = stepsOf('forward', 'x', x, features);
  const cells: EmittedActivation[] = [];
  const states: TensorId[] = [];
  for (const t of times) {
    const terms = [timesTransposed(inputs[t]!, w.value), ...(t > 0 ? [timesTransposed(states[t - 1]!, u.value)] : [])];
    const z = withBiases('forward', `z${t}`, sum('forward', `z${t}`, units, terms), false);
    const cell = emitActivation(builder, `${name}.${t}`, activation, z, [units]);
    cells.push(cell);
    states.push(cell.y);
  }

  const dz: TensorId[] = [];
  const stateGradients: TensorId[] = [];
  let rInputs: (TensorId | null)[];
  const rStates: TensorId[] = [];
  let inputGradientWanted: boolean;
  return {
    y: result('forward', 'y', states),
    states: () => states.map((value, t) => ({ value, gradient: stateGradients[t]! })),
    backward(dy, inputGradient) {
      inputGradientWanted = inputGradient;
      const dh = fromResult('backward', 'dy', dy);
      for (const t of times.toReversed()) {
        const next = dz[t + 1];
        const carried = next === undefined ? null : rows('backward', `dh${t}`, units, through(next, u.value));
        stateGradients[t] = added('backward', `dh${t}`, dh[t]!, carried);
        dz[t] = cells[t]!.backward(stateGradients[t]!);
      }
      builder.emitSumInto(
        'backward',
        w.gradient,
        times.map((t) => transposedTimes(dz[t]!, inputs[t]!)),
      );
      const ofStates = times.slice(1).map((t) => transposedTimes(dz[t]!, states[t - 1]!));
      builder.emitSumInto('backward', u.gradient, isSingle ? [{ op: 'zero' }] : ofStates);
      for (const { gradient } of biases) builder.emitSumInto('backward', gradient, dz.map(summed));
      if (!inputGradient) return null;
      const parts = times.map((t) => rows('backward', `dx${t}`, features, through(dz[t]!, w.value)));
      return builder.emit('backward', `d(${name}.x)`, inputShape, { op: 'stackSteps', parts });
    },
    rForward(rx) {
      rInputs = rx === null ? times.map(() => null) : stepsOf('rForward', 'Rx', rx, features);
      for (const t of times) {
        const r = rInputs[t]!;
        const terms = [timesTransposed(inputs[t]!, w.tangent)];
        if (r !== null) terms.push(timesTransposed(r, w.value));
        if (t > 0) terms.push(timesTransposed(states[t - 1]!, u.tangent), timesTransposed(rStates[t - 1]!, u.value));
        const rz = withBiases('rForward', `Rz${t}`, sum('rForward', `Rz${t}`, units, terms), true);
        rStates.push(cells[t]!.rForward(rz));
      }
      return result('rForward', 'Ry', rStates);
    },
    rBackward(rdy) {
      const rdh = fromResult('rBackward', 'Rdy', rdy);
      const rdz: TensorId[] = [];
      for (const t of times.toReversed()) {
        const next = rdz[t + 1];
        const carried =
          next === undefined
            ? null
            : sum('rBackward', `Rdh${t}`, units, [through(next, u.value), through(dz[t + 1]!, u.tangent)]);
        rdz[t] = cells[t]!.rBackward(added('rBackward', `Rdh${t}`, rdh[t]!, carried));
      }
      const ofWeights = times.flatMap((t) => {
        const r = rInputs[t]!;
        return [transposedTimes(rdz[t]!, inputs[t]!), ...(r === null ? [] : [transposedTimes(dz[t]!, r)])];
      });
      builder.emitSumInto('rBackward', w.product, ofWeights);
      const ofStates = times
        .slice(1)
        .flatMap((t) => [transposedTimes(rdz[t]!, states[t - 1]!), transposedTimes(dz[t]!, rStates[t - 1]!)]);
      builder.emitSumInto('rBackward', u.product, isSingle ? [{ op: 'zero' }] : ofStates);
      for (const { product } of biases) builder.emitSumInto('rBackward', product, rdz.map(summed));
      if (!inputGradientWanted) return null;
      const parts = times.map((t) =>
        sum('rBackward', `Rdx${t}`, features, [through(rdz[t]!, w.value), through(dz[t]!, w.tangent)]),
      );
      return builder.emit('rBackward', `Rd(${name}.x)`, inputShape, { op: 'stackSteps', parts });
    },
  };

  /** a + b; null is zero, and not both are. */
  function added(pass: Pass, label: string, a: TensorId | null, b: TensorId | null): TensorId {
    if (a !== null && b !== null) return rows(pass, label, units, { op: 'add', a, b });
    return (a ?? b)!;
  }
}

const product = (a: TensorId, b: TensorId, transposeA: boolean, transposeB: boolean): Op => ({
  op: 'matmul',
  a,
  b,
  transposeA,
  transposeB,
});
const through = (a: TensorId, b: TensorId): Op => product(a, b, false, false);
const timesTransposed = (a: TensorId, b: TensorId): Op => product(a, b, false, true);
const transposedTimes = (a: TensorId, b: TensorId): Op => product(a, b, true, false);
const summed = (x: TensorId): Op => ({ op: 'sumRows', x });
