import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { createRng } from '../random';
import { logChi, logNorms } from '../recurrence/randomProducts';
import { defineStudy } from './study';

const kinds = ['shared', 'fresh'] as const;
const names: Record<(typeof kinds)[number], Words> = {
  shared: { en: 'the same W at every step', ko: '모든 단계에 같은 W' },
  fresh: { en: 'a new W in every layer', ko: '층마다 새로운 W' },
};

/** The same random matrix t times against t different ones: a recurrent and a feedforward network (section 8.2.5). */
export const sharedWeights = defineStudy({
  name: 'sharedWeights',
  title: { en: 'Shared or different weights', ko: '공유하는 가중치와 서로 다른 가중치' },
  summary: {
    en: 'Sends random vectors through the same random matrix again and again, and through a new one every time, and measures how ln‖v‖ drifts and spreads over many draws.',
    ko: '무작위 벡터를 같은 무작위 행렬에 거듭 통과시킨 경우와 매번 새 행렬에 통과시킨 경우, 여러 표본에 걸쳐 ln‖v‖가 얼마나 치우치고 퍼지는지 잽니다.',
  },
  parameters: {
    gain: { kind: 'number', label: { en: 'Gain', ko: '이득' }, default: 1, min: 0.5, max: 2 },
    steps: { kind: 'integer', label: { en: 'Steps or layers', ko: '단계 또는 층 수' }, default: 64, min: 8, max: 128 },
    units: { kind: 'integer', label: { en: 'Units', ko: '유닛 수' }, default: 16, min: 2, max: 32 },
    draws: { kind: 'integer', label: { en: 'Draws', ko: '표본 수' }, default: 200, min: 20, max: 300 },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ gain, steps, units, draws, seed }, context) {
    const turn = cooperate(context.signal);
    const quarter = Math.max(1, Math.floor(steps / 4));
    const x = Float64Array.from({ length: steps + 1 }, (_, t) => t);
    const chi = logChi(units);
    const drift = Math.log(gain) + chi.mean - Math.log(units) / 2;
    const facts: Record<string, Fact> = {};
    const spreads: StudyLine[] = [];
    const means: StudyLine[] = [];
    for (const [k, kind] of kinds.entries()) {
      const rng = createRng(seed, `sharedWeights/${kind}`);
      const sums = new Float64Array(steps + 1);
      const squares = new Float64Array(steps + 1);
      for (let draw = 0; draw < draws; draw++) {
        context.progress(k * draws + draw, kinds.length * draws);
        await turn();
        logNorms(units, steps, gain, kind === 'shared', rng).forEach((value, t) => {
          sums[t]! += value;
          squares[t]! += value * value;
        });
      }
      const mean = sums.map((sum) => sum / draws);
      const deviation = squares.map((sum, t) => Math.sqrt(Math.max(0, (sum - draws * mean[t]! ** 2) / (draws - 1))));
      const named = ({ en, ko }: Words): Words => ({ en: `${en}, ${names[kind].en}`, ko: `${ko}, ${names[kind].ko}` });
      const isFresh = kind === 'fresh';
      facts[`${kind}Mean`] = {
        label: named({ en: 'Mean of ln‖v‖ at the end', ko: '마지막 ln‖v‖의 평균' }),
        value: mean[steps]!,
        standardError: deviation[steps]! / Math.sqrt(draws),
        ...(isFresh && {
          theory: {
            value: steps * drift,
            formula: 't\\left(\\ln g + \\tfrac12\\psi(\\tfrac n2) - \\tfrac12\\ln\\tfrac n2\\right)',
          },
        }),
      };
      facts[`${kind}Spread`] = {
        label: named({ en: 'Spread of ln‖v‖ at the end', ko: '마지막 ln‖v‖의 표준편차' }),
        value: deviation[steps]!,
        // Of a standard deviation of normal values; sums of many steps are nearly normal.
        standardError: deviation[steps]! / Math.sqrt(2 * (draws - 1)),
        ...(isFresh && {
          theory: { value: Math.sqrt(steps * chi.variance), formula: '\\sqrt{t\\,\\tfrac14\\psi_1(\\tfrac n2)}' },
        }),
      };
      facts[`${kind}Widening`] = {
        label: named({ en: 'Spread at the end, of that at a quarter', ko: '마지막 표준편차 (1/4 지점에 대한 비)' }),
        value: deviation[steps]! / deviation[quarter]!,
        ...(isFresh && { theory: { value: Math.sqrt(steps / quarter), formula: '\\sqrt{4} = 2' } }),
      };
      spreads.push({ label: names[kind], x, y: deviation });
      means.push({ label: names[kind], x, y: mean, standardError: deviation.map((value) => value / Math.sqrt(draws)) });
    }
    const theory: Words = { en: 'Theory, new W', ko: '이론, 새로운 W' };
    return {
      facts,
      charts: {
        spread: {
          label: { en: 'Spread of ln‖v‖ over the draws', ko: '표본에 걸친 ln‖v‖의 표준편차' },
          x: { label: { en: 'Steps or layers', ko: '단계 또는 층' } },
          y: { label: { en: 'Standard deviation', ko: '표준편차' } },
          lines: [...spreads, { label: theory, x, y: x.map((t) => Math.sqrt(t * chi.variance)), style: 'dashed' }],
        },
        mean: {
          label: { en: 'Mean of ln‖v‖', ko: 'ln‖v‖의 평균' },
          x: { label: { en: 'Steps or layers', ko: '단계 또는 층' } },
          y: { label: { en: 'ln‖v‖', ko: 'ln‖v‖' } },
          lines: [...means, { label: theory, x, y: x.map((t) => t * drift), style: 'dashed' }],
        },
      },
    };
  },
});
