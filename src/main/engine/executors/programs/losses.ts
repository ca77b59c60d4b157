import type { LossName } from '../../../../shared/model/experiment';
import type { Expressions } from './expressions';
import { type ProgramValue, rowCount } from './graphBuilder';

/** A per-example loss of outputs z [N, k] and targets t ([N] class indices or [N, k]) in a program's operators. */
interface EmittedLoss {
  /** ℓ [N] */
  value(e: Expressions, z: ProgramValue, t: ProgramValue): ProgramValue;
  /** ∂ℓ/∂z [N, k] */
  gradient(e: Expressions, z: ProgramValue, t: ProgramValue): ProgramValue;
  /** ∂²ℓ/∂z²·r [N, k] */
  hessianProduct(e: Expressions, z: ProgramValue, t: ProgramValue, r: ProgramValue): ProgramValue;
  /** 1 or 0 [N] */
  correct(e: Expressions, z: ProgramValue, t: ProgramValue): ProgramValue;
}

const outputsOf = (z: ProgramValue) => z.shape[1] as number;

/** Mean over the k outputs, [N]. */
const meanOverOutputs = (e: Expressions, x: ProgramValue) => e.mul(e.sum(x, [1]), 1 / outputsOf(x));

/** [N, 1] → [N] */
const squeeze = (e: Expressions, x: ProgramValue) => e.builder.reshape(x, [rowCount]);

/** [N, k], true at the target's class. */
const isTarget = (e: Expressions, z: ProgramValue, t: ProgramValue) => isClass(e, outputsOf(z), t);

/** [N, k], 1 at the target's class, else 0: products with it are faster than choices. */
const targetMask = (e: Expressions, z: ProgramValue, t: ProgramValue) => e.toFloats(isTarget(e, z, t));

/** What added to an output leaves nothing of its exponential. */
const lowest = -3e38;

/** [N, k], true at the first largest output. */
const isLargest = (e: Expressions, z: ProgramValue) => isClass(e, outputsOf(z), e.toFloats(argmax(e, z)));

function isClass(e: Expressions, k: number, index: ProgramValue): ProgramValue {
  const column = e.builder.reshape(index, [rowCount, 1]);
  const classes = e.builder.constant(
    'float32',
    [k],
    Array.from({ length: k }, (_, j) => j),
  );
  return e.builder.node('Equal', [column, classes], { type: 'bool' });
}

const softmax = (e: Expressions, z: ProgramValue) => e.builder.node('Softmax', [z], { attributes: { axis: 1 } });

/** The first largest of k values, [N]. */
const argmax = (e: Expressions, z: ProgramValue) =>
  e.builder.node('ArgMax', [z], { attributes: { axis: 1, keepdims: 0 }, shape: [z.shape[0]!], type: 'int64' });

const equal = (e: Expressions, a: ProgramValue, b: ProgramValue) =>
  e.toFloats(e.builder.node('Equal', [a, b], { type: 'bool' }));

/** With t in [0, 1]: ℓ = (1 − t) softplus(z) + t softplus(−z), a sum of positive terms. */
const binaryCrossEntropy: EmittedLoss = {
  value: (e, z, t) =>
    meanOverOutputs(e, e.add(e.mul(e.sub(1, t), e.f('Softplus', z)), e.mul(t, e.f('Softplus', e.f('Neg', z))))),
  gradient: (e, z, t) => {
    const wrong = e.mul(e.sub(1, t), e.f('Sigmoid', z));
    const right = e.mul(t, e.f('Sigmoid', e.f('Neg', z)));
    return e.mul(e.sub(wrong, right), 1 / outputsOf(z));
  },
  hessianProduct: (e, z, _t, r) => {
    const variance = e.mul(e.f('Sigmoid', z), e.f('Sigmoid', e.f('Neg', z)));
    return e.mul(e.mul(variance, 1 / outputsOf(z)), r);
  },
  correct(e, z, t) {
    if (outputsOf(z) > 1) return equal(e, argmax(e, z), argmax(e, t));
    const half = e.builder.node('Greater', [t, e.builder.scalar(0.5)], { type: 'bool' });
    return squeeze(e, equal(e, e.positive(z), half));
  },
};

/** The output at the target's class, [N, 1]. */
const rightOutput = (e: Expressions, z: ProgramValue, t: ProgramValue) =>
  e.sumKeeping(e.mul(targetMask(e, z, t), z), [1]);

const classIsTarget = (e: Expressions, z: ProgramValue, t: ProgramValue) => equal(e, e.toFloats(argmax(e, z)), t);

const noClass = (): never => {
  throw new RangeError('regression has no right class');
};

/** ℓ = Σ_{j≠t} max(0, 1 − z_t + z_j)/k, piecewise linear. */
const multiClassHinge: EmittedLoss = {
  value(e, z, t) {
    const margins = e.f('Relu', e.add(e.sub(z, rightOutput(e, z, t)), 1));
    return meanOverOutputs(e, e.where(isTarget(e, z, t), 0, margins));
  },
  gradient(e, z, t) {
    const target = isTarget(e, z, t);
    const missed = e.positive(e.add(e.sub(z, rightOutput(e, z, t)), 1));
    const each = e.where(target, 0, e.where(missed, 1 / outputsOf(z), 0));
    return e.where(target, e.f('Neg', e.sumKeeping(each, [1])), each);
  },
  hessianProduct: (e, _z, _t, r) => e.mul(r, 0),
  correct: classIsTarget,
};

/** ℓ = Σ_j h(z_j − t_j)/k: with c = clip(d, −1, 1), h(d) = c(d − c/2) and h' = c. */
const huber: EmittedLoss = {
  value(e, z, t) {
    const d = e.sub(z, t);
    const c = clipped(e, d);
    return meanOverOutputs(e, e.mul(c, e.sub(d, e.mul(c, 0.5))));
  },
  gradient: (e, z, t) => e.mul(clipped(e, e.sub(z, t)), 1 / outputsOf(z)),
  hessianProduct(e, z, t, r) {
    const outside = e.builder.node('Greater', [e.f('Abs', e.sub(z, t)), e.builder.scalar(1)], { type: 'bool' });
    return e.mul(e.where(outside, 0, 1 / outputsOf(z)), r);
  },
  correct: noClass,
};

const clipped = (e: Expressions, x: ProgramValue) =>
  e.builder.node('Clip', [x, e.builder.scalar(-1), e.builder.scalar(1)]);

export const losses: Readonly<Record<LossName, EmittedLoss>> = {
  /**
   * ℓ = softplus(ln Σ_{j≠t} e^(z_j) − z_t) and ∂ℓ/∂z_t = −Σ_{j≠t} p_j keep their digits when the example is learned, as
   * does p∘(s − pᵀs) with s = r − r_top, which is (diag(p) − ppᵀ) r.
   */
  softmaxCrossEntropy: {
    value(e, z, t) {
      const wrong = e.add(z, e.mul(targetMask(e, z, t), lowest));
      const top = e.maxKeeping(wrong, [1]);
      const others = e.add(e.f('Log', e.sumKeeping(e.f('Exp', e.sub(wrong, top)), [1])), top);
      return squeeze(e, e.f('Softplus', e.sub(others, rightOutput(e, z, t))));
    },
    gradient(e, z, t) {
      const mask = targetMask(e, z, t);
      const others = e.mul(softmax(e, z), e.sub(1, mask));
      return e.sub(others, e.mul(mask, e.sumKeeping(others, [1])));
    },
    hessianProduct(e, z, _t, r) {
      const p = softmax(e, z);
      const largest = e.toFloats(isLargest(e, z));
      const moved = e.sub(r, e.sumKeeping(e.mul(largest, r), [1]));
      return e.mul(p, e.sub(moved, e.sumKeeping(e.mul(p, moved), [1])));
    },
    correct: classIsTarget,
  },
  meanSquaredError: {
    value(e, z, t) {
      const error = e.sub(z, t);
      return meanOverOutputs(e, e.mul(error, error));
    },
    gradient: (e, z, t) => e.mul(e.sub(z, t), 2 / outputsOf(z)),
    hessianProduct: (e, z, _t, r) => e.mul(r, 2 / outputsOf(z)),
    correct: noClass,
  },
  binaryCrossEntropy,
  multiClassHinge,
  huber,
};
