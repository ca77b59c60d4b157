import type { LossName } from '../../../../shared/model/experiment';
import type { Expressions } from './expressions';
import type { OnnxValue } from './graphBuilder';

/** A per-example loss of outputs z [N, k] and targets t ([N] class indices or [N, k]) in ONNX operators. */
interface EmittedLoss {
  /** ℓ [N] */
  value(e: Expressions, z: OnnxValue, t: OnnxValue): OnnxValue;
  /** ∂ℓ/∂z [N, k] */
  gradient(e: Expressions, z: OnnxValue, t: OnnxValue): OnnxValue;
  /** ∂²ℓ/∂z²·r [N, k] */
  hessianProduct(e: Expressions, z: OnnxValue, t: OnnxValue, r: OnnxValue): OnnxValue;
  /** 1 or 0 [N] */
  correct(e: Expressions, z: OnnxValue, t: OnnxValue): OnnxValue;
}

const outputsOf = (z: OnnxValue) => z.shape[1] as number;

/** Mean over the k outputs, [N]. */
const meanOverOutputs = (e: Expressions, x: OnnxValue) => squeeze(e, e.mul(e.sumOverOutputs(x), 1 / outputsOf(x)));

/** [N, 1] → [N] */
const squeeze = (e: Expressions, x: OnnxValue) =>
  e.builder.node('Squeeze', [x, e.builder.constant('int64', [1], [1])], { shape: [x.shape[0]!] });

/** [N, k], true at the target's class. */
function isTarget(e: Expressions, z: OnnxValue, t: OnnxValue): OnnxValue {
  const k = outputsOf(z);
  const column = e.builder.node('Unsqueeze', [t, e.builder.constant('int64', [1], [1])], { shape: [t.shape[0]!, 1] });
  const classes = e.builder.constant(
    'float32',
    [k],
    Array.from({ length: k }, (_, j) => j),
  );
  return e.builder.node('Equal', [column, classes], { type: 'bool' });
}

const toFloat = (e: Expressions, x: OnnxValue) =>
  e.builder.node('Cast', [x], { attributes: { to: 1 }, type: 'float32' });

const softmax = (e: Expressions, z: OnnxValue) => e.builder.node('Softmax', [z], { attributes: { axis: 1 } });

/** The first largest of k values, [N]. */
const argmax = (e: Expressions, z: OnnxValue) =>
  e.builder.node('ArgMax', [z], { attributes: { axis: 1, keepdims: 0 }, shape: [z.shape[0]!], type: 'int64' });

const equal = (e: Expressions, a: OnnxValue, b: OnnxValue) =>
  toFloat(e, e.builder.node('Equal', [a, b], { type: 'bool' }));

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

export const losses: Readonly<Record<LossName, EmittedLoss>> = {
  /**
   * ℓ = softplus(ln Σ_{j≠t} e^(z_j) − z_t) and ∂ℓ/∂z_t = −Σ_{j≠t} p_j keep their digits when the example is learned;
   * Hessian diag(p) − ppᵀ.
   */
  softmaxCrossEntropy: {
    value(e, z, t) {
      const target = isTarget(e, z, t);
      const others = e.builder.node(
        'ReduceLogSumExp',
        [e.where(target, Number.NEGATIVE_INFINITY, z), e.builder.constant('int64', [1], [1])],
        { attributes: { keepdims: 1 }, shape: [z.shape[0]!, 1] },
      );
      const right = e.sumOverOutputs(e.where(target, z, 0));
      return squeeze(e, e.f('Softplus', e.sub(others, right)));
    },
    gradient(e, z, t) {
      const target = isTarget(e, z, t);
      const others = e.where(target, 0, softmax(e, z));
      return e.where(target, e.f('Neg', e.sumOverOutputs(others)), others);
    },
    hessianProduct(e, z, _t, r) {
      const p = softmax(e, z);
      const weighted = e.mul(p, r);
      return e.sub(weighted, e.mul(p, e.sumOverOutputs(weighted)));
    },
    correct: (e, z, t) =>
      equal(e, e.builder.node('Cast', [argmax(e, z)], { attributes: { to: 1 }, type: 'float32' }), t),
  },
  meanSquaredError: {
    value(e, z, t) {
      const error = e.sub(z, t);
      return meanOverOutputs(e, e.mul(error, error));
    },
    gradient: (e, z, t) => e.mul(e.sub(z, t), 2 / outputsOf(z)),
    hessianProduct: (e, z, _t, r) => e.mul(r, 2 / outputsOf(z)),
    correct() {
      throw new RangeError('regression has no right class');
    },
  },
  binaryCrossEntropy,
};
