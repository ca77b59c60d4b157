import type { ActivationName, LossName, ModelSpec } from '../../../shared/model/experiment';
import type { ParameterLayout } from '../../../shared/model/run';

/**
 * The op-level graph every executor runs. A model becomes one graph holding four passes in execution order:
 * forward, backward, R-forward, R-backward (Pearlmutter 1994). Layers emit nodes; executors know only these ops.
 *
 * A tensor is either a row tensor [N, ...shape] (one row per example of the batch) or a plain tensor [...shape].
 * Gradients and Hessian products of parameters are SUMS over the rows; executors divide by N at the end.
 */
export type TensorId = number;

export interface Tensor {
  readonly id: TensorId;
  readonly name: string;
  /** true: there is a leading dimension N. */
  readonly rows: boolean;
  /** Without the leading N. */
  readonly shape: readonly number[];
  /** Product of `shape`. */
  readonly size: number;
}

export type Pass = 'forward' | 'backward' | 'rForward' | 'rBackward';

/** How a window slides over an image [channels, height, width]; it stops at outHeight × outWidth places. */
export interface Window2d {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  /** Zeros around the image. */
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Filter f reads the channels of its group, f·groups/filters rounded down; groups is 1 or channels (depthwise). */
export interface ConvolutionWindow extends Window2d {
  readonly filters: number;
  readonly groups: number;
}

/**
 * What is brought to mean 0 and variance 1 together: in a batch, each of the channels (`inner` values of every row);
 * in an example, every run of `length` values.
 */
export type NormalizedSets =
  | { readonly over: 'batch'; readonly channels: number; readonly inner: number }
  | { readonly over: 'example'; readonly length: number };

/**
 * Ops read row tensors by their own geometry, in row-major order, whatever the tensor's `shape`: a conv2d's result
 * [filters, height, width] is, to a matmul, so many features.
 */
export type Op =
  /** out = op(a)·op(b), matrices [m,k]·[k,n]; a row tensor's N is its first dimension. TN of two row tensors sums over N. */
  | { op: 'matmul'; a: TensorId; b: TensorId; transposeA: boolean; transposeB: boolean }
  /** out[n,j] = x[n,j] + bias[j] */
  | { op: 'addBias'; x: TensorId; bias: TensorId }
  /** out[j] = Σ_n x[n,j] */
  | { op: 'sumRows'; x: TensorId }
  | { op: 'add'; a: TensorId; b: TensorId }
  /** out = a∘b */
  | { op: 'multiply'; a: TensorId; b: TensorId }
  /** y = f(x) */
  | { op: 'activation'; kind: ActivationName; x: TensorId }
  /** out = f'(x)∘dy, with y = f(x) at hand */
  | { op: 'activationGrad'; kind: ActivationName; x: TensorId; y: TensorId; dy: TensorId }
  /** out = f''(x)∘rx∘dy */
  | { op: 'activationGrad2'; kind: ActivationName; x: TensorId; y: TensorId; rx: TensorId; dy: TensorId }
  /**
   * Along an axis: a row holds the entries of `vector` (k of them) each repeated `inner` times, over and over.
   * out[n,i] = x[n,i] + vector[⌊i/inner⌋ mod k]; for the channels of an image `inner` is height·width.
   */
  | { op: 'addAlong'; x: TensorId; vector: TensorId; inner: number }
  /** out[j] = Σ x[n,i] over n and all i with ⌊i/inner⌋ mod k = j, k the size of out */
  | { op: 'sumAlong'; x: TensorId; inner: number }
  /** out[n,i] = x[n,i]·vector[⌊i/inner⌋ mod k] */
  | { op: 'scaleAlong'; x: TensorId; vector: TensorId; inner: number }
  /** x̂ = (x − mean)/√(variance + ε), the biased variance of each set. 'batch' needs all rows of a command at once. */
  | { op: 'normalize'; x: TensorId; sets: NormalizedSets; epsilon: number }
  /** J t, the Jacobian of x̂ at x, which is symmetric: J t = (t − mean(t) − x̂ mean(x̂∘t))/√(variance + ε) */
  | { op: 'normalizeGrad'; x: TensorId; t: TensorId; sets: NormalizedSets; epsilon: number }
  /** R{J} dy, the change of J along rx: −(mean(x̂∘rx) J dy + R{x̂} mean(x̂∘dy) + x̂ mean(R{x̂}∘dy))/√(variance + ε) */
  | { op: 'normalizeGrad2'; x: TensorId; rx: TensorId; dy: TensorId; sets: NormalizedSets; epsilon: number }
  /** out[n,i] = (x[n,i] − mean[j])/√(variance[j] + ε), j = ⌊i/inner⌋; without x's mean where `mean` is null */
  | { op: 'standardize'; x: TensorId; mean: TensorId | null; variance: TensorId; inner: number; epsilon: number }
  /** out[j] = the mean of x[n,i] over the rows of a command and ⌊i/inner⌋ = j */
  | { op: 'batchMean'; x: TensorId; inner: number }
  /** out[j] = their variance, unbiased */
  | { op: 'batchVariance'; x: TensorId; inner: number }
  /** Cross-correlation, as torch.nn.functional.conv2d; weight [filters, channels/groups, kernelHeight, kernelWidth] */
  | { op: 'conv2d'; x: TensorId; weight: TensorId; window: ConvolutionWindow }
  /** The adjoint in x: dy [filters, outHeight, outWidth] to [channels, height, width] (a transposed convolution) */
  | { op: 'conv2dInputGrad'; dy: TensorId; weight: TensorId; window: ConvolutionWindow }
  /** The adjoint in weight, summed over the rows */
  | { op: 'conv2dWeightGrad'; dy: TensorId; x: TensorId; window: ConvolutionWindow }
  /** The largest value in each window, channel by channel; the first of equals. No padding. */
  | { op: 'maxPool2d'; x: TensorId; window: Window2d }
  /** R{y} (and each row of the Jacobian): t at the places where x is largest in each window */
  | { op: 'maxPool2dGather'; x: TensorId; t: TensorId; window: Window2d }
  /** The adjoint: dy added at those places, zero elsewhere */
  | { op: 'maxPool2dGrad'; x: TensorId; dy: TensorId; window: Window2d }
  /** The mean of each window, channel by channel. No padding. */
  | { op: 'averagePool2d'; x: TensorId; window: Window2d }
  /** The adjoint: dy shared out over its window */
  | { op: 'averagePool2dGrad'; dy: TensorId; window: Window2d }
  /** out[n,t,:] = weight[tokens[n,t],:], tokens whole numbers in floats; weight [vocabulary, units] */
  | { op: 'embed'; tokens: TensorId; weight: TensorId }
  /** The adjoint in weight: row j is the sum of dy[n,t,:] where tokens[n,t] = j */
  | { op: 'embedGrad'; tokens: TensorId; dy: TensorId }
  /** Step `index` of x [steps, …]: out[n,:] = x[n,index,:] */
  | { op: 'sliceStep'; x: TensorId; index: number }
  /** out[n,t,:] = parts[t][n,:] */
  | { op: 'stackSteps'; parts: readonly TensorId[] }
  | { op: 'zero' }
  /** out[n] = ℓ(prediction[n], target[n]) */
  | { op: 'loss'; kind: LossName; prediction: TensorId; target: TensorId }
  /** out[n,:] = ∂ℓ_n/∂prediction[n,:] */
  | { op: 'lossGrad'; kind: LossName; prediction: TensorId; target: TensorId }
  /** out[n,:] = ∂²ℓ_n/∂prediction² · tangent[n,:] */
  | { op: 'lossGrad2'; kind: LossName; prediction: TensorId; target: TensorId; tangent: TensorId }
  /**
   * out[n] = 1 where the prediction's class is the target's, else 0. The class is the first largest value; with a
   * single value (binary cross-entropy) it is prediction > 0 and target > ½.
   */
  | { op: 'correct'; kind: LossName; prediction: TensorId; target: TensorId };

export type GraphNode = Op & { readonly out: TensorId; readonly pass: Pass };

/** A row tensor of factors 0 (with probability `rate`) and 1/(1 − rate). */
export interface DropoutMask {
  readonly tensor: TensorId;
  readonly rate: number;
  /** Tells the masks of a network apart. */
  readonly stream: number;
}

export interface LayerTensors {
  readonly output: TensorId;
  /** ∂ℓ/∂output; null where no parameter lies before it. */
  readonly gradient: TensorId | null;
  /** hₜ and ∂ℓ/∂hₜ (through all later steps) of a recurrent layer, step by step; [] for others. */
  readonly states: readonly { readonly value: TensorId; readonly gradient: TensorId }[];
}

export interface Graph {
  readonly tensors: readonly Tensor[];
  /** In execution order. */
  readonly nodes: readonly GraphNode[];
  /** [N, Π inputShape] */
  readonly input: TensorId;
  /** [N] class indices (softmaxCrossEntropy, multiClassHinge) or [N, k] values; floats in every executor. */
  readonly target: TensorId;
  /** One tensor per block of the layout: θ, the direction v, ∇L and Hv. */
  readonly parameters: readonly TensorId[];
  readonly tangents: readonly TensorId[];
  readonly gradients: readonly TensorId[];
  readonly products: readonly TensorId[];
  /** Row tensors nobody computes, filled before a command (`fillMask`); [] where dropout is off. */
  readonly masks: readonly DropoutMask[];
  /** One plain tensor per block of `Network.buffers`; read where normalization uses given statistics. */
  readonly buffers: readonly TensorId[];
  /** The same statistics of the rows of a command, the variance unbiased; [] where given statistics are used. */
  readonly statistics: readonly TensorId[];
  /** Per layer of the model. */
  readonly layers: readonly LayerTensors[];
  readonly prediction: TensorId;
  /** [N] per-example loss. */
  readonly loss: TensorId;
  /** [N], null for regression. */
  readonly correct: TensorId | null;
}

/** Numbers a network keeps beside θ, which are not trained: running statistics, as in PyTorch. */
export interface BufferBlock {
  /** e.g. `layers.1.running_mean` */
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
  /** Of every entry. */
  readonly initial: number;
  /** The share of the newest batch in a running statistic. */
  readonly momentum: number;
}

export interface Network {
  readonly model: ModelSpec;
  readonly layout: ParameterLayout;
  readonly buffers: readonly BufferBlock[];
  /** The rows of a command depend on each other: one batch, which cannot be computed in parts. */
  readonly coupled: boolean;
  readonly graph: Graph;
}
