import type { StudyLine } from '../../../shared/model/study';
import { expressionObjective } from '../objectives/expression';
import { iterate } from './iterate';
import { defineStudy } from './study';

/** Rates tried, up to a little beyond where descent diverges. */
const rates = 60;
const steps = 400;

/**
 * How much of the distance a step of gradient descent keeps on ½(x² + κy²), for rates from small to diverging. Theory:
 * max(|1 − ε|, |1 − εκ|), least at ε = 2/(1 + κ), above 1 from ε = 2/κ.
 */
export const rateSweep = defineStudy({
  name: 'rateSweep',
  title: { en: 'Every learning rate on one ravine', ko: '한 협곡에서의 모든 학습률' },
  summary: {
    en: 'Runs gradient descent on ½(x² + κy²) at sixty rates and measures the factor by which a late step shrinks the distance.',
    ko: '½(x² + κy²)에서 예순 가지 학습률로 경사하강법을 실행하고, 뒤쪽 단계에서 거리가 줄어드는 비를 잽니다.',
  },
  parameters: {
    kappa: {
      kind: 'number',
      label: { en: 'Condition number κ', ko: '조건수 κ' },
      default: 25,
      min: 1.5,
      max: 1_000,
      log: true,
    },
  },
  async run({ kappa }, { signal }) {
    const objective = expressionObjective(`(x^2 + ${kappa}*y^2)/2`);
    const x = Float64Array.from({ length: rates }, (_, i) => (2.2 / kappa) * ((i + 1) / rates));
    const measured = new Float64Array(rates);
    for (const [i, learningRate] of x.entries()) measured[i] = await contraction(learningRate);
    async function contraction(learningRate: number): Promise<number> {
      let before = Number.NaN;
      let ratio = 1;
      await iterate(objective, { name: 'sgd', learningRate }, [1, 1], {
        ...{ steps, signal },
        until([x, y]) {
          const after = Math.hypot(x!, y!);
          // What is left is rounding, or about to overflow.
          if (!(after > 1e-200 && after < 1e200)) return true;
          if (!Number.isNaN(before)) ratio = after / before;
          before = after;
          return false;
        },
      });
      return ratio;
    }
    const theory = x.map((rate) => Math.max(Math.abs(1 - rate), Math.abs(1 - rate * kappa)));
    const best = measured.indexOf(Math.min(...measured));
    const diverging = measured.findIndex((value) => value > 1);
    const lines: StudyLine[] = [
      { label: { en: 'Measured', ko: '측정' }, x, y: measured, style: 'points' },
      { label: { en: 'Theory', ko: '이론' }, x, y: theory, style: 'dashed' },
    ];
    return {
      facts: {
        bestRate: {
          label: { en: 'Best of the rates', ko: '가장 좋은 학습률' },
          value: x[best]!,
          theory: { value: 2 / (1 + kappa), formula: String.raw`\frac{2}{\lambda_{\min} + \lambda_{\max}}` },
        },
        bestContraction: {
          label: { en: 'Distance kept at the best rate', ko: '가장 좋은 학습률에서 남는 거리의 비' },
          value: measured[best]!,
          theory: { value: (kappa - 1) / (kappa + 1), formula: String.raw`\frac{\kappa - 1}{\kappa + 1}` },
        },
        divergingRate: {
          label: { en: 'Least rate that diverges', ko: '발산하는 가장 작은 학습률' },
          value: x[diverging] ?? Number.NaN,
          theory: { value: 2 / kappa, formula: String.raw`\frac{2}{\lambda_{\max}}` },
        },
      },
      charts: {
        contraction: {
          label: { en: 'Distance kept per step', ko: '한 단계마다 남는 거리의 비' },
          x: { label: { en: 'Learning rate ε', ko: '학습률 ε' } },
          y: { label: { en: 'Factor', ko: '비' } },
          lines,
        },
      },
    };
  },
});
