import { keepLargest } from '../keepLargest';
import { type GradientTransform, like, type OptimizerDefinition, stateOf } from './transform';

export const coordinateDescent: OptimizerDefinition = {
  name: 'coordinateDescent',
  title: 'Coordinate descent',
  rule: String.raw`\theta_{t+1,i} = \theta_{t,i} - \epsilon\, g_{t,i}\ \text{ for } i \in B_t \text{ only}`,
  source: 'Goodfellow, Bengio and Courville 2016, section 8.7.2; greedy: Gauss–Southwell, Nutini et al. 2015',
  defaultLearningRate: 1e-3,
  parameters: [
    {
      name: 'blockSize',
      kind: 'number',
      default: 1,
      min: 1,
      description: 'how many coordinates move at a step (rounded down)',
    },
    {
      name: 'greedy',
      kind: 'boolean',
      default: false,
      description: 'move those with the largest gradient instead of one block after the other',
    },
  ],
  create: ({ blockSize, greedy }) => chooseBlock(Math.floor(blockSize as number), greedy as boolean),
};

/** gᵢ ← 0 outside the block: in turn i ∈ [tk mod P, …) of consecutive coordinates, or the k largest |gᵢ|. */
function chooseBlock(size: number, greedy: boolean): GradientTransform {
  return {
    init: (params) => stateOf(greedy ? { magnitudes: like(params) } : {}),
    update(updates, state) {
      if (greedy) keepLargest(updates, size, state.vectors.magnitudes!);
      else {
        const blocks = Math.ceil(updates.length / size);
        const start = (state.count % blocks) * size;
        updates.fill(0, 0, start);
        updates.fill(0, start + size);
      }
      state.count++;
    },
  };
}
