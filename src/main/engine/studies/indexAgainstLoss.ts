import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { measureMorseIndex } from '../critical/morseIndex';
import { searchCriticalPoint } from '../critical/search';
import type { Objective, Vector } from '../objectives/objective';
import { randomField } from '../objectives/randomField';
import { createRng } from '../random';
import { defineStudy } from './study';

interface Found {
  loss: number;
  /** Negative eigenvalues, of all. */
  share: number;
}

/** Two critical points of a loss this near are one. */
const sameLoss = 1e-6;
/** Starts are uniform in a cube of this half side; the field's length is 1. */
const extent = 10;

/**
 * Critical points of a Gaussian random field, found from random places, and how many of their eigenvalues are negative:
 * high saddles have many ways down, low ones few (Bray and Dean 2007; Dauphin et al. 2014 for networks).
 */
export const indexAgainstLoss = defineStudy({
  name: 'indexAgainstLoss',
  title: { en: 'Index against loss', ko: '지수와 손실' },
  summary: {
    en: 'Searches critical points of a random landscape in N dimensions by Newton–MR from random places and counts the negative eigenvalues of the Hessian at each.',
    ko: 'N차원 무작위 지형의 임계점을 무작위 출발점에서 Newton–MR로 찾고, 각 점에서 헤세 행렬의 음의 고유값을 셉니다.',
  },
  parameters: {
    dimension: { kind: 'integer', label: { en: 'Dimensions N', ko: '차원 N' }, default: 6, min: 2, max: 30 },
    starts: {
      kind: 'integer',
      label: { en: 'Searches', ko: '탐색 횟수' },
      default: 150,
      min: 20,
      max: 4_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ dimension, starts, seed }, context) {
    const field = randomField(dimension, seed);
    const rng = createRng(seed, 'index against loss');
    const found: Found[] = [];
    let converged = 0;
    for (let i = 0; i < starts; i++) {
      context.progress(i, starts);
      const start = field.allocate().map(() => extent * (2 * rng.uniform() - 1));
      const point = await criticalPoint(field, start, context.signal);
      if (!point) continue;
      converged++;
      if (!found.some(({ loss }) => Math.abs(loss - point.loss) <= sameLoss)) found.push(point);
    }
    found.sort((a, b) => a.loss - b.loss);
    const x = Float64Array.from(found, ({ share }) => share);
    const order = [...found.keys()].sort((a, b) => x[a]! - x[b]!);
    const line: StudyLine = {
      label: { en: 'Critical points', ko: '임계점' },
      x: Float64Array.from(order, (i) => x[i]!),
      y: Float64Array.from(order, (i) => found[i]!.loss),
      style: 'points',
    };
    const mean = (values: readonly Found[]) => values.reduce((sum, { share }) => sum + share, 0) / values.length;
    const half = Math.ceil(found.length / 2);
    return {
      facts: {
        points: {
          label: { en: 'Critical points of different loss', ko: '손실이 서로 다른 임계점' },
          value: found.length,
        },
        converged: {
          label: { en: 'Share of searches that ended at one', ko: '임계점에서 끝난 탐색의 비율' },
          value: converged / starts,
        },
        minima: {
          label: { en: 'Of them without a negative eigenvalue', ko: '그중 음의 고유값이 없는 것' },
          value: found.filter(({ share }) => share === 0).length,
        },
        correlation: {
          label: { en: 'Correlation of index and loss', ko: '지수와 손실의 상관계수' },
          value: correlation(found),
        },
        lowHalf: {
          label: { en: 'Mean share of negative eigenvalues, lower half', ko: '손실이 낮은 절반의 음의 고유값 비율' },
          value: mean(found.slice(0, half)),
        },
        highHalf: {
          label: { en: 'Mean share of negative eigenvalues, upper half', ko: '손실이 높은 절반의 음의 고유값 비율' },
          value: mean(found.slice(half)),
        },
      },
      charts: {
        index: {
          label: { en: 'Loss of each critical point against its index', ko: '임계점의 지수와 손실' },
          x: { label: { en: 'Share of negative eigenvalues', ko: '음의 고유값 비율' } },
          y: { label: lossWords },
          lines: [line],
        },
      },
    };
  },
});
const lossWords: Words = { en: 'Loss', ko: '손실' };

async function criticalPoint(objective: Objective, start: Vector, signal: AbortSignal): Promise<Found | null> {
  const { outcome, params, loss, gradientNorm } = await searchCriticalPoint(objective, start, { signal });
  if (outcome !== 'converged') return null;
  const { negative } = await measureMorseIndex(objective, params, { gradientNorm, signal });
  return { loss, share: negative / objective.dimension };
}

function correlation(points: readonly Found[]): number {
  const center = (values: number[]) => {
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - average);
  };
  const a = center(points.map(({ loss }) => loss));
  const b = center(points.map(({ share }) => share));
  const product = (u: number[], v: number[]) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
