import type { OptimizerSpec } from '../../../shared/model/experiment';
import type { StudyLine, StudyScene } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { expressionObjective } from '../objectives/expression';
import { createOptimizer, optimizers } from '../optimizers';
import { gridPoints } from '../surface/grid';
import { lossWords } from './scene';
import { defineStudy, type StudyContext } from './study';

/** Learning rates that bring each rule down from a distance of about 1; Adadelta's is the paper's. */
const learningRates = {
  adagrad: 0.5,
  rmsprop: 0.05,
  rmspropNesterov: 0.005,
  adadelta: 1,
  adam: 0.1,
  adamw: 0.1,
  amsgrad: 0.1,
  nadam: 0.1,
  lion: 0.02,
} as const;
type RuleName = keyof typeof learningRates;
const ruleNames = Object.keys(learningRates) as RuleName[];
/** What multiplies the gradient of a coordinate by a constant leaves their steps as they are, but for ε. */
const scaleInvariant: readonly RuleName[] = [
  'adagrad',
  'rmsprop',
  'rmspropNesterov',
  'adam',
  'adamw',
  'amsgrad',
  'nadam',
];
const titleOf = (name: string): Words => {
  const { title } = optimizers.find((known) => known.name === name)!;
  return { en: title, ko: title };
};

/**
 * Rules with a rate for each parameter on a ravine, ½(u² + κv²) with u and v turned by an angle. Along the axes such a rule
 * does not see κ: from u = v both coordinates move alike, with rates κ apart.
 */
export const adaptiveRules = defineStudy({
  name: 'adaptiveRules',
  title: { en: 'A rate for each parameter', ko: '매개변수마다 다른 학습률' },
  summary: {
    en: 'Runs every adaptive rule on a ravine, along the axes or turned, in float64, and reads the rate of each parameter from the optimizer.',
    ko: '축과 나란하거나 비스듬한 협곡에서 모든 적응적 규칙을 float64로 돌리고, 매개변수마다의 학습률을 옵티마이저에서 읽습니다.',
  },
  parameters: {
    rule: {
      kind: 'choice',
      label: { en: 'Rule', ko: '규칙' },
      default: 'adagrad',
      choices: ruleNames,
      names: ruleNames.map(titleOf),
    },
    kappa: {
      kind: 'number',
      label: { en: 'Condition number κ', ko: '조건수 κ' },
      default: 100,
      min: 1,
      max: 10_000,
      log: true,
    },
    angle: { kind: 'number', label: { en: 'Angle of the ravine', ko: '협곡의 각도' }, default: 0, min: 0, max: 45 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 100, min: 2, max: 2_000, log: true },
  },
  async run({ rule: chosen, kappa, angle, steps }, context) {
    const rule = chosen as RuleName;
    const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const expression = `((${c}*x + ${s}*y)^2 + ${kappa}*(${c}*y - ${s}*x)^2)/2`;
    const start = [c - s, s + c] as const;
    const descent = await follow(expression, start, { name: 'sgd', learningRate: 2 / (1 + kappa) }, steps, context);
    const paths = new Map<RuleName, Path>();
    for (const name of ruleNames) {
      paths.set(name, await follow(expression, start, { name, learningRate: learningRates[name] }, steps, context));
    }
    const path = paths.get(rule)!;
    const isTheory = angle === 0 && scaleInvariant.includes(rule);
    const ratio = ({ rates }: Path) => rates[0]!.at(-1)! / rates[1]!.at(-1)!;
    const apart = path.x.reduce((most, x, t) => {
      const y = path.y[t]!;
      return Math.max(most, Math.abs(c * x + s * y - (c * y - s * x)));
    }, 0);
    const step = Float64Array.from({ length: steps + 1 }, (_, t) => t);
    const ofSteps = step.subarray(1);
    const stepAxis = { label: { en: 'Step', ko: '단계' } };
    const descentName: Words = { en: 'Gradient descent, its best rate', ko: '경사하강법, 가장 좋은 학습률' };
    const rateLine = (k: 0 | 1, label: Words): StudyLine => ({ label, x: ofSteps, y: path.rates[k] });
    return {
      facts: {
        rateRatio: {
          label: { en: 'Rate of x over rate of y, last step', ko: 'y에 대한 x의 학습률의 비, 마지막 단계' },
          value: ratio(path),
          ...(isTheory && { theory: { value: kappa, formula: String.raw`\kappa` } }),
        },
        apart: {
          label: {
            en: 'Largest difference of the two coordinates along the ravine’s axes',
            ko: '협곡의 축으로 본 두 좌표의 차이 중 가장 큰 것',
          },
          value: apart,
          ...(isTheory && { theory: { value: 0 } }),
        },
        finalLoss: { label: { en: 'Loss at the end', ko: '마지막 손실' }, value: path.loss.at(-1)! },
        descentLoss: {
          label: { en: 'Loss of gradient descent at its best rate', ko: '가장 좋은 학습률의 경사하강법의 손실' },
          value: descent.loss.at(-1)!,
        },
      },
      charts: {
        rates: {
          label: { en: 'Rate of each parameter', ko: '매개변수마다의 학습률' },
          x: stepAxis,
          y: { label: { en: 'Rate', ko: '학습률' }, log: true },
          lines: [rateLine(0, { en: 'x', ko: 'x' }), rateLine(1, { en: 'y', ko: 'y' })],
        },
        losses: {
          label: { en: 'Loss by rule', ko: '규칙별 손실' },
          x: stepAxis,
          y: { label: lossWords, log: true },
          lines: [
            { label: descentName, x: step, y: descent.loss, style: 'dashed' },
            ...ruleNames.map((name): StudyLine => ({ label: titleOf(name), x: step, y: paths.get(name)!.loss })),
          ],
        },
      },
      scenes: {
        ravine: ravine(expression, titleOf(rule), path),
      },
      tables: {
        rules: {
          label: { en: 'Every rule after the last step', ko: '마지막 단계 뒤의 모든 규칙' },
          columns: [
            { en: 'Rule', ko: '규칙' },
            { en: 'Rate of x', ko: 'x의 학습률' },
            { en: 'Ratio', ko: '비' },
            { en: 'Loss', ko: '손실' },
          ],
          rows: ruleNames.map((name) => {
            const of = paths.get(name)!;
            return [titleOf(name), of.rates[0]!.at(-1)!, ratio(of), of.loss.at(-1)!];
          }),
        },
      },
    };
  },
});

interface Path {
  /** θ before each step, and the last. */
  x: Float64Array;
  y: Float64Array;
  loss: Float64Array;
  /** Of x and of y, after each step; NaN for rules that have none. */
  rates: [Float64Array, Float64Array];
}

async function follow(
  expression: string,
  start: readonly [number, number],
  { name, learningRate }: Pick<OptimizerSpec, 'name' | 'learningRate'>,
  steps: number,
  { signal }: StudyContext,
): Promise<Path> {
  const objective = expressionObjective(expression);
  const optimizer = createOptimizer({
    ...{ name, learningRate, parameters: {}, weightDecay: 0 },
    schedule: { kind: 'constant' },
  });
  const params = Float64Array.from(start);
  const gradient = new Float64Array(2);
  const state = optimizer.init(params);
  const column = (length: number) => new Float64Array(length);
  const path: Path = {
    x: column(steps + 1),
    y: column(steps + 1),
    loss: column(steps + 1),
    rates: [column(steps).fill(Number.NaN), column(steps).fill(Number.NaN)],
  };
  const turn = cooperate(signal);
  for (let t = 0; t <= steps; t++) {
    await turn();
    [path.x[t], path.y[t]] = params as unknown as [number, number];
    path.loss[t] = await objective.gradient(params, gradient);
    if (t === steps) break;
    await optimizer.step(gradient, state, params);
    optimizer.rates(state)?.forEach((rate, k) => {
      path.rates[k]![t] = rate;
    });
  }
  return path;
}

function ravine(expression: string, label: Words, { x, y, loss }: Path): StudyScene {
  const objective = expressionObjective(expression);
  const { xs, ys, place } = gridPoints([-1.8, 1.8, -1.8, 1.8], [61, 61]);
  const at = new Float64Array(2);
  const heights = Float64Array.from({ length: xs.length * ys.length }, (_, cell) => {
    place(cell, at, 0);
    return objective.value(at) as number;
  });
  return {
    label: { en: 'The ravine', ko: '협곡' },
    axes: [
      { en: 'x', ko: 'x' },
      { en: 'y', ko: 'y' },
    ],
    height: lossWords,
    heightScale: 'log',
    ...{ xs, ys, heights },
    paths: [{ label, x, y, height: loss }],
    marks: [{ kind: 'minimum', label: { en: 'Minimum', ko: '최솟점' }, x: 0, y: 0 }],
  };
}
