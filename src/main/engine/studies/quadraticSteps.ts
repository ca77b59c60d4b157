import type { OptimizerSpec } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { diagonalQuadratic } from '../objectives/quadratic';
import { createRng } from '../random';
import { norm } from '../vectors';
import { iterate } from './iterate';
import { sceneOfRuns } from './scene';
import { defineStudy, type StudyRun } from './study';

const dimension = 20;
/** Of ‖g₀‖. */
const accuracy = 1e-6;
/** Of the slope: nearly exact line searches, with which conjugate directions and BFGS end in finitely many steps. */
const c2 = 1e-7;

interface Method {
  name: string;
  label: Words;
  optimizer: Pick<OptimizerSpec, 'name' | 'learningRate' | 'parameters'>;
  theory?: { value: number; formula: string };
}

const methods = (kappa: number, distinct: number): Method[] => [
  {
    name: 'gradientDescent',
    label: { en: 'Gradient descent', ko: '경사하강법' },
    optimizer: { name: 'sgd', learningRate: 2 / (1 + kappa), parameters: {} },
  },
  {
    name: 'conjugateGradient',
    label: { en: 'Conjugate gradients', ko: '켤레 기울기법' },
    optimizer: { name: 'conjugateGradient', learningRate: 1, parameters: { c2 } },
    theory: { value: distinct, formula: 'r' },
  },
  {
    name: 'bfgs',
    label: { en: 'BFGS', ko: 'BFGS' },
    optimizer: { name: 'bfgs', learningRate: 1, parameters: { c2 } },
    theory: { value: distinct, formula: 'r' },
  },
  {
    name: 'newton',
    label: { en: 'Newton', ko: '뉴턴법' },
    optimizer: { name: 'newton', learningRate: 1, parameters: {} },
    theory: { value: 1, formula: '1' },
  },
];

/**
 * Steps on a quadratic in 20 dimensions: Newton needs one; conjugate gradients and BFGS with exact line searches as many as
 * the Hessian has different eigenvalues (Nocedal and Wright 2006, theorems 5.4 and 6.4); descent about ½κ·ln(1/accuracy).
 */
export const quadraticSteps = defineStudy({
  name: 'quadraticSteps',
  title: { en: 'Steps on a quadratic', ko: '이차 함수에서의 단계 수' },
  summary: {
    en: 'Minimizes a quadratic of 20 parameters from a random start in float64 and counts the steps until the gradient is a millionth of what it was.',
    ko: '매개변수가 20개인 이차 함수를 무작위 점에서 float64로 최소화하며, 기울기가 처음의 백만분의 일이 될 때까지의 단계 수를 셉니다.',
  },
  parameters: {
    kappa: {
      kind: 'number',
      label: { en: 'Condition number κ', ko: '조건수 κ' },
      default: 400,
      min: 2,
      max: 10_000,
      log: true,
    },
    distinct: {
      kind: 'integer',
      label: { en: 'Different eigenvalues r', ko: '서로 다른 고유값의 수 r' },
      default: 6,
      min: 2,
      max: dimension,
    },
    seed: { kind: 'integer', label: { en: 'Seed of the start', ko: '출발점의 시드' }, default: 0, min: 0, max: 999 },
  },
  async run({ kappa, distinct, seed }, context) {
    const { signal } = context;
    // From 1 to κ by equal factors; each as often as it comes.
    const eigenvalues = Float64Array.from(
      { length: dimension },
      (_, i) => kappa ** (Math.floor((i * distinct) / dimension) / (distinct - 1)),
    );
    const rng = createRng(seed, 'quadratic steps');
    const start = Float64Array.from({ length: dimension }, () => rng.normal());
    const objective = diagonalQuadratic(eigenvalues);
    const first = norm(start.map((entry, i) => eigenvalues[i]! * entry));
    const used = methods(kappa, distinct);
    const shown = 4 * distinct + 16;
    const facts: Record<string, Fact> = {};
    const lines: StudyLine[] = [];
    for (const [i, { name, label, optimizer, theory }] of used.entries()) {
      context.progress(i, used.length);
      const { gradientNorm } = await iterate(objective, optimizer, start, {
        steps: 200_000,
        until: (_, now) => now <= accuracy * first,
        signal,
      });
      const steps = gradientNorm.length - 1;
      facts[name] = {
        label: { en: `Steps, ${label.en}`, ko: `단계 수, ${label.ko}` },
        value: gradientNorm[steps]! <= accuracy * first ? steps : Number.POSITIVE_INFINITY,
        ...(theory && { theory }),
      };
      const part = gradientNorm.slice(0, shown + 1);
      lines.push({ label, x: Float64Array.from(part, (_, t) => t), y: Float64Array.from(part, (now) => now / first) });
    }
    const runs: StudyRun[] = [];
    for (const { optimizer } of used) {
      runs.push(
        await context.train({
          objective: {
            kind: 'expression',
            expression: `(x^2 + ${kappa}*y^2)/2`,
            domain: [-12, 12, -12 / Math.sqrt(kappa), 12 / Math.sqrt(kappa)],
            start: [10, 8 / Math.sqrt(kappa)],
          },
          optimizer,
          training: { stop: { steps: 40, gradientNorm: 1e-5 } },
        }),
      );
    }
    return {
      facts,
      charts: {
        gradient: {
          label: { en: 'Gradient norm, of the first', ko: '기울기 노름 (처음에 대한 비)' },
          x: { label: { en: 'Step', ko: '단계' } },
          y: { label: { en: '‖g‖/‖g₀‖', ko: '‖g‖/‖g₀‖' }, log: true },
          lines,
        },
      },
      scenes: {
        ravine: await sceneOfRuns(
          runs,
          {
            label: { en: 'The same with two parameters', ko: '매개변수가 둘일 때' },
            names: used.map(({ label }) => label),
            heightScale: 'linear',
          },
          context,
        ),
      },
    };
  },
});
