import type { ParameterLayout } from '../../../shared/model/run';
import type { LinearOperator, Vector } from '../objectives/objective';
import { dot } from '../vectors';

/** The parameters of one layer: half-open index ranges of θ. */
export interface Layer {
  name: string;
  size: number;
  ranges: { start: number; end: number }[];
}

/** Tensors of a layer share the name up to the last dot: `layers.0.weight` and `layers.0.bias` are `layers.0`. */
export function layersOf(layout: ParameterLayout): Layer[] {
  const layers = new Map<string, Layer>();
  for (const { name, offset, size } of layout) {
    const dot = name.lastIndexOf('.');
    const key = dot < 0 ? name : name.slice(0, dot);
    const layer = layers.get(key) ?? { name: key, size: 0, ranges: [] };
    layer.size += size;
    layer.ranges.push({ start: offset, end: offset + size });
    layers.set(key, layer);
  }
  return [...layers.values()];
}

/**
 * The diagonal block of an operator that belongs to a layer: v ↦ Rᵀ A R v with R putting v into zeros. As many
 * operations as a product with A. Disposing of it leaves A as it is.
 */
export function blockOperator(operator: LinearOperator, layer: Layer): LinearOperator {
  const whole = new Float64Array(operator.size);
  const product = new Float64Array(operator.size);
  return {
    size: layer.size,
    async apply(v, out) {
      let at = 0;
      for (const { start, end } of layer.ranges) {
        whole.set(v.subarray(at, at + end - start), start);
        at += end - start;
      }
      await operator.apply(whole, product);
      at = 0;
      for (const { start, end } of layer.ranges) {
        out.set(product.subarray(start, end), at);
        at += end - start;
      }
    },
    dispose() {},
  };
}

/** Σ u_i v_i over a layer; with u = v a unit eigenvector, the layer's share in it. */
export function dotOnLayer({ ranges }: Layer, u: Vector, v: Vector): number {
  return ranges.reduce((sum, { start, end }) => sum + dot(u.subarray(start, end), v.subarray(start, end)), 0);
}

/** (Σv²)²/Σv⁴: about how many parameters an eigenvector lives on, from 1 to P. */
export function participationRatio(v: Vector): number {
  let [squares, fourths] = [0, 0];
  for (const entry of v) {
    squares += entry * entry;
    fourths += entry ** 4;
  }
  return fourths === 0 ? 0 : squares ** 2 / fourths;
}
