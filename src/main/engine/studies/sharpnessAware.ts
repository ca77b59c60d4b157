import type { Fact } from '../../../shared/model/study';
import { lanczosExtremes } from '../curvature/lanczos';
import { digitsModel } from './digits';
import { defineStudy } from './study';

/** Sharpness-aware minimization: where it ends at several radii ρ, and how sharp it is there (Foret et al. 2021). */
export const sharpnessAware = defineStudy({
  name: 'sharpnessAware',
  title: { en: 'Descending from uphill', ko: '오르막에서 재고 내려가기' },
  summary: {
    en: 'Trains one network by sharpness-aware minimization with several radii ρ from the same start and the same batches (ρ = 0 is SGD) and measures the largest eigenvalue of the Hessian and the losses where it ends.',
    ko: '한 신경망을 같은 출발점과 같은 미니배치로 반지름 ρ만 바꾸며 SAM으로 학습하고(ρ = 0이면 SGD), 끝난 곳에서 헤세 행렬의 가장 큰 고유값과 손실을 잽니다.',
  },
  parameters: {
    radii: {
      kind: 'numbers',
      label: { en: 'Radii ρ', ko: '반지름 ρ' },
      default: [0, 0.05, 0.1, 0.2, 0.4],
      min: 0,
      max: 1,
    },
    noise: {
      kind: 'number',
      label: { en: 'Share of random labels', ko: '무작위 라벨의 비율' },
      default: 0.2,
      min: 0,
      max: 0.6,
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 1_200, min: 50, max: 4_000, log: true },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ radii, noise, steps, seed }, context) {
    const used = [...new Set(radii)].sort((a, b) => a - b);
    const found: { sharpness: number; loss: number; validationLoss: number; validationAccuracy: number }[] = [];
    for (const [i, radius] of used.entries()) {
      context.progress(i, used.length);
      const { objective, final, metrics } = await context.train({
        objective: {
          kind: 'network',
          model: digitsModel([16], 'tanh'),
          data: {
            source: { kind: 'builtin', name: 'digits' },
            validationFraction: 0.8,
            ...(noise > 0 && { labels: { kind: 'random' as const, fraction: noise } }),
          },
        },
        optimizer: { name: 'sam', learningRate: 0.1, parameters: { radius } },
        training: { batchSize: 32, stop: { steps }, recordEvery: steps },
        seed,
      });
      const hessian = await objective.train.hessian(final);
      try {
        const { top } = await lanczosExtremes(hessian, {
          ...{ top: 1, bottom: 0, tolerance: 1e-3, copies: false },
          signal: context.signal,
        });
        found.push({
          sharpness: top[0]!.value,
          loss: metrics.loss.at(-1)!,
          validationLoss: metrics.validationLoss.at(-1)!,
          validationAccuracy: metrics.validationAccuracy.at(-1)!,
        });
      } finally {
        hessian.dispose();
      }
    }
    const x = Float64Array.from(used);
    const facts: Record<string, Fact> = {};
    for (const [name, at, which] of [
      ['first', 0, { en: `ρ = ${used[0]}`, ko: `ρ = ${used[0]}` }],
      ['last', used.length - 1, { en: `ρ = ${used.at(-1)}`, ko: `ρ = ${used.at(-1)}` }],
    ] as const) {
      const end = found[at]!;
      facts[`${name}Sharpness`] = { label: { en: `λmax, ${which.en}`, ko: `λmax, ${which.ko}` }, value: end.sharpness };
      facts[`${name}Loss`] = {
        label: { en: `Training loss, ${which.en}`, ko: `학습 손실, ${which.ko}` },
        value: end.loss,
      };
      facts[`${name}Validation`] = {
        label: { en: `Validation loss, ${which.en}`, ko: `검증 손실, ${which.ko}` },
        value: end.validationLoss,
      };
      facts[`${name}Accuracy`] = {
        label: { en: `Validation accuracy, ${which.en}`, ko: `검증 정확도, ${which.ko}` },
        value: end.validationAccuracy,
      };
    }
    const radius = { label: { en: 'Radius ρ', ko: '반지름 ρ' } };
    return {
      facts,
      charts: {
        sharpness: {
          label: { en: 'Sharpness at the end', ko: '끝난 곳의 날카로움' },
          x: radius,
          y: { label: { en: 'λmax', ko: 'λmax' }, log: true },
          lines: [{ label: { en: 'λmax', ko: 'λmax' }, x, y: Float64Array.from(found, (end) => end.sharpness) }],
        },
        losses: {
          label: { en: 'Losses at the end', ko: '끝난 곳의 손실' },
          x: radius,
          y: { label: { en: 'Loss', ko: '손실' }, log: true },
          lines: [
            { label: { en: 'Training', ko: '학습' }, x, y: Float64Array.from(found, (end) => end.loss) },
            { label: { en: 'Validation', ko: '검증' }, x, y: Float64Array.from(found, (end) => end.validationLoss) },
          ],
        },
      },
    };
  },
});
