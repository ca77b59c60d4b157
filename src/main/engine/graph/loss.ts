import { classifies, type LossName, readsClassIndex } from '../../../shared/model/experiment';
import type { GraphBuilder } from './builder';
import type { TensorId } from './ir';

/** A per-example loss ℓ that has emitted its forward pass (loss and correctness). */
export interface EmittedLoss {
  readonly loss: TensorId;
  readonly correct: TensorId | null;
  /** ∂ℓ/∂prediction */
  backward(): TensorId;
  /** R{∂ℓ/∂prediction} = ∂²ℓ/∂prediction² · R{prediction} */
  rBackward(rPrediction: TensorId): TensorId;
}

/** Per-example shape of the target: a class index, or as many values as the network has outputs. */
export function targetShape(kind: LossName, outputs: number): readonly number[] {
  return readsClassIndex(kind) ? [] : [outputs];
}

export function emitLoss(
  builder: GraphBuilder,
  kind: LossName,
  prediction: TensorId,
  target: TensorId,
  outputs: number,
): EmittedLoss {
  const loss = builder.emit('forward', 'loss', [], { op: 'loss', kind, prediction, target });
  const correct = classifies(kind)
    ? builder.emit('forward', 'correct', [], { op: 'correct', kind, prediction, target })
    : null;
  return {
    loss,
    correct,
    backward: () => builder.emit('backward', 'd(prediction)', [outputs], { op: 'lossGrad', kind, prediction, target }),
    rBackward: (tangent) =>
      builder.emit('rBackward', 'Rd(prediction)', [outputs], { op: 'lossGrad2', kind, prediction, target, tangent }),
  };
}
