import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { dot, norm } from '../vectors';
import { deepDigits } from './deepDigits';
import { defineStudy } from './study';

const factors = Float64Array.from({ length: 25 }, (_, i) => 2 ** ((i - 12) / 4));
const networks: readonly { name: string; label: Words; isNormalized: boolean }[] = [
  { name: 'plain', label: { en: 'Without batch normalization', ko: '배치 정규화 없이' }, isNormalized: false },
  { name: 'normalized', label: { en: 'With batch normalization', ko: '배치 정규화' }, isNormalized: true },
];

/**
 * Weights before a batch normalization have no scale: L(αw) = L(w), so that ∇L(αw) = ∇L(w)/α and wᵀ∇L(w) = 0 (Ioffe and
 * Szegedy 2015, section 3.3; exact but for its ε = 1e-5).
 */
export const batchNormScale = defineStudy({
  name: 'batchNormScale',
  title: { en: 'Weights without a scale', ko: '크기를 잃은 가중치' },
  summary: {
    en: 'Multiplies the weights of the first layer of a trained network by a factor α and measures the loss and the gradient, with and without batch normalization after it.',
    ko: '학습된 신경망의 첫 층 가중치에 α를 곱하고, 그 뒤에 배치 정규화가 있을 때와 없을 때의 손실과 기울기를 잽니다.',
  },
  parameters: {
    factor: { kind: 'number', label: { en: 'Factor α', ko: '배수 α' }, default: 4, min: 0.125, max: 8, log: true },
    steps: {
      kind: 'integer',
      label: { en: 'Steps before', ko: '그전의 학습 단계 수' },
      default: 200,
      min: 1,
      max: 600,
    },
  },
  async run({ factor, steps }, context) {
    const facts: Record<string, Fact> = {};
    const losses: StudyLine[] = [];
    const gradients: StudyLine[] = [];
    for (const [k, { name, label, isNormalized }] of networks.entries()) {
      const { objective, final } = await context.train({
        objective: deepDigits(2, isNormalized),
        optimizer: { name: 'sgd', learningRate: 0.3 },
        training: { batchSize: 64, stop: { steps }, recordEvery: steps },
      });
      const { train } = objective;
      const { offset, size } = train.layout.find(({ role }) => role === 'weight')!;
      const weights = Float64Array.from(final.subarray(offset, offset + size));
      const [params, gradient] = [train.allocate(), train.allocate()];
      const scaled = async (alpha: number) => {
        params.set(final);
        for (let i = 0; i < size; i++) params[offset + i]! *= alpha;
        const loss = await train.gradient(params, gradient);
        return { loss, gradient: Float64Array.from(gradient.subarray(offset, offset + size)) };
      };
      const before = await scaled(1);
      const curve: { loss: number; gradient: number }[] = [];
      for (const [i, alpha] of factors.entries()) {
        context.progress(k * factors.length + i, networks.length * factors.length);
        const at = await scaled(alpha);
        curve.push({ loss: at.loss, gradient: norm(at.gradient) });
      }
      const after = await scaled(factor);
      facts[`${name}Change`] = {
        label: { en: `Change of the loss, of the loss, ${label.en}`, ko: `손실의 상대 변화, ${label.ko}` },
        value: Math.abs(after.loss - before.loss) / before.loss,
        ...(isNormalized && { theory: { value: 0, formula: String.raw`L(\alpha w) = L(w)` } }),
      };
      facts[`${name}Gradient`] = {
        label: { en: `‖∇L(αw)‖/‖∇L(w)‖, ${label.en}`, ko: `‖∇L(αw)‖/‖∇L(w)‖, ${label.ko}` },
        value: norm(after.gradient) / norm(before.gradient),
        ...(isNormalized && { theory: { value: 1 / factor, formula: String.raw`\frac1\alpha` } }),
      };
      facts[`${name}Cosine`] = {
        label: { en: `|cos| of weights and gradient, ${label.en}`, ko: `가중치와 기울기의 |cos|, ${label.ko}` },
        value: Math.abs(dot(weights, before.gradient)) / (norm(weights) * norm(before.gradient)),
        ...(isNormalized && { theory: { value: 0, formula: String.raw`w^\top\nabla L = 0` } }),
      };
      losses.push({ label, x: factors, y: Float64Array.from(curve, ({ loss }) => loss) });
      gradients.push({ label, x: factors, y: Float64Array.from(curve, (at) => at.gradient) });
    }
    const x = { label: { en: 'Factor α', ko: '배수 α' }, log: true };
    const reference = gradients[1]!.y[factors.indexOf(1)]!;
    return {
      facts,
      charts: {
        loss: {
          label: { en: 'Loss', ko: '손실' },
          x,
          y: { label: { en: 'L(αw)', ko: 'L(αw)' }, log: true },
          lines: losses,
        },
        gradient: {
          label: { en: 'Gradient of the first layer', ko: '첫 층의 기울기' },
          x,
          y: { label: { en: '‖∇L(αw)‖', ko: '‖∇L(αw)‖' }, log: true },
          lines: [
            ...gradients,
            {
              label: { en: '1/α', ko: '1/α' },
              x: factors,
              y: factors.map((alpha) => reference / alpha),
              style: 'dashed',
            },
          ],
        },
      },
    };
  },
});
