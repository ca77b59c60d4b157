import type { LossName } from '../../../../shared/model/experiment';
import { logistic, softplus } from './activations';

type Values = Float64Array;

/**
 * The loss ℓ of one example in float64, of `k` outputs z[at…at+k) and the target t at `targetAt`: a class index for
 * softmax cross-entropy and the multi-class hinge, k values otherwise. Derivatives are with respect to z and are written to out[at…at+k).
 */
export interface ExampleLoss {
  value(z: Values, at: number, k: number, t: Values, targetAt: number): number;
  /** ∂ℓ/∂z */
  gradient(z: Values, at: number, k: number, t: Values, targetAt: number, out: Values): void;
  /** ∂²ℓ/∂z² · r, with r[at…at+k) */
  hessianProduct(z: Values, at: number, k: number, t: Values, targetAt: number, r: Values, out: Values): void;
  /** 1 for the right class (the first largest output), 0 for another; NaN for regression. */
  correct(z: Values, at: number, k: number, t: Values, targetAt: number): number;
}

/** CrossEntropyLoss: ln Σ_j e^(z_j) − z_t; p = softmax(z); gradient p − e_t; Hessian diag(p) − ppᵀ. */
const softmaxCrossEntropy: ExampleLoss = {
  value(z, at, k, t, targetAt) {
    const top = argmax(z, at, k);
    let others = 0;
    for (let j = 0; j < k; j++) if (j !== top) others += Math.exp(z[at + j]! - z[at + top]!);
    return Math.log1p(others) + (z[at + top]! - z[at + t[targetAt]!]!);
  },
  gradient(z, at, k, t, targetAt, out) {
    softmax(z, at, k, out);
    const right = t[targetAt]!;
    // p_t − 1 as −Σ_{j≠t} p_j keeps its digits when the example is learned.
    let others = 0;
    for (let j = 0; j < k; j++) if (j !== right) others += out[at + j]!;
    out[at + right] = -others;
  },
  hessianProduct(z, at, k, _t, _targetAt, r, out) {
    softmax(z, at, k, out);
    let mean = 0;
    for (let j = at; j < at + k; j++) mean += out[j]! * r[j]!;
    for (let j = at; j < at + k; j++) out[j] = out[j]! * (r[j]! - mean);
  },
  correct: (z, at, k, t, targetAt) => (argmax(z, at, k) === t[targetAt] ? 1 : 0),
};

/** MSELoss: Σ_j (z_j − t_j)²/k */
const meanSquaredError: ExampleLoss = {
  value(z, at, k, t, targetAt) {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += (z[at + j]! - t[targetAt + j]!) ** 2;
    return sum / k;
  },
  gradient(z, at, k, t, targetAt, out) {
    for (let j = 0; j < k; j++) out[at + j] = (2 * (z[at + j]! - t[targetAt + j]!)) / k;
  },
  hessianProduct(_z, at, k, _t, _targetAt, r, out) {
    for (let j = at; j < at + k; j++) out[j] = (2 * r[j]!) / k;
  },
  correct: () => Number.NaN,
};

/** BCEWithLogitsLoss: Σ_j (ln(1 + e^(z_j)) − t_j z_j)/k; gradient (σ(z) − t)/k; Hessian σ(z)σ(−z)/k. */
const binaryCrossEntropy: ExampleLoss = {
  value(z, at, k, t, targetAt) {
    let sum = 0;
    // ln(1 + e^z) − tz = (1 − t) softplus(z) + t softplus(−z), a sum of positive terms for t in [0, 1].
    for (let j = 0; j < k; j++) {
      const p = t[targetAt + j]!;
      if (p !== 1) sum += (1 - p) * softplus(z[at + j]!);
      if (p !== 0) sum += p * softplus(-z[at + j]!);
    }
    return sum / k;
  },
  gradient(z, at, k, t, targetAt, out) {
    for (let j = 0; j < k; j++) {
      const p = t[targetAt + j]!;
      out[at + j] = ((1 - p) * logistic(z[at + j]!) - p * logistic(-z[at + j]!)) / k;
    }
  },
  hessianProduct(z, at, k, _t, _targetAt, r, out) {
    for (let j = at; j < at + k; j++) out[j] = (logistic(z[j]!) * logistic(-z[j]!) * r[j]!) / k;
  },
  correct(z, at, k, t, targetAt) {
    if (k === 1) return z[at]! > 0 === t[targetAt]! > 0.5 ? 1 : 0;
    return argmax(z, at, k) === argmax(t, targetAt, k) ? 1 : 0;
  },
};

/**
 * MultiMarginLoss(p = 1, margin = 1): Σ_{j≠t} max(0, 1 − z_t + z_j)/k, where the margin is missed (> 0) linear: gradient
 * 1/k for each such j and minus their sum for t, Hessian 0.
 */
const multiClassHinge: ExampleLoss = {
  value(z, at, k, t, targetAt) {
    const right = t[targetAt]!;
    let sum = 0;
    for (let j = 0; j < k; j++) if (j !== right) sum += Math.max(0, 1 - z[at + right]! + z[at + j]!);
    return sum / k;
  },
  gradient(z, at, k, t, targetAt, out) {
    const right = t[targetAt]!;
    let missed = 0;
    for (let j = 0; j < k; j++) {
      const isMissed = j !== right && 1 - z[at + right]! + z[at + j]! > 0;
      out[at + j] = isMissed ? 1 / k : 0;
      if (isMissed) missed++;
    }
    out[at + right] = -missed / k;
  },
  hessianProduct(_z, at, k, _t, _targetAt, _r, out) {
    out.fill(0, at, at + k);
  },
  correct: softmaxCrossEntropy.correct,
};

/** HuberLoss(delta = 1): Σ_j h(z_j − t_j)/k, h(d) = ½d² for |d| ≤ 1, else |d| − ½. */
const huber: ExampleLoss = {
  value(z, at, k, t, targetAt) {
    let sum = 0;
    for (let j = 0; j < k; j++) {
      const d = Math.abs(z[at + j]! - t[targetAt + j]!);
      sum += d <= 1 ? (d * d) / 2 : d - 0.5;
    }
    return sum / k;
  },
  gradient(z, at, k, t, targetAt, out) {
    for (let j = 0; j < k; j++) out[at + j] = Math.max(-1, Math.min(1, z[at + j]! - t[targetAt + j]!)) / k;
  },
  hessianProduct(z, at, k, t, targetAt, r, out) {
    for (let j = 0; j < k; j++) {
      out[at + j] = Math.abs(z[at + j]! - t[targetAt + j]!) <= 1 ? r[at + j]! / k : 0;
    }
  },
  correct: () => Number.NaN,
};

/** Conventions of torch.nn with reduction 'mean': the mean over examples is the executor's, over outputs is here. */
export const losses: Readonly<Record<LossName, ExampleLoss>> = {
  softmaxCrossEntropy,
  meanSquaredError,
  binaryCrossEntropy,
  multiClassHinge,
  huber,
};

/** Offset from `at` of the first largest of k values. */
function argmax(values: Values, at: number, k: number): number {
  let top = 0;
  for (let j = 1; j < k; j++) if (values[at + j]! > values[at + top]!) top = j;
  return top;
}

function softmax(z: Values, at: number, k: number, out: Values): void {
  const largest = z[at + argmax(z, at, k)]!;
  let sum = 0;
  for (let j = at; j < at + k; j++) {
    const e = Math.exp(z[j]! - largest);
    out[j] = e;
    sum += e;
  }
  for (let j = at; j < at + k; j++) out[j] = out[j]! / sum;
}
