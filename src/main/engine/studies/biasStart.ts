import type { BiasInitializerSpec, ExperimentInput } from '../../../shared/model/experiment';
import type { Words } from '../../../shared/model/words';
import { layerSignals } from '../executors/reference/signals';
import { networkOf } from './network';
import { defineStudy, type StudyRun } from './study';

const classesOf = { breastCancer: 2, wine: 3, iris: 3, digits: 10 } as const;
type Data = keyof typeof classesOf;
const featuresOf: Record<Data, number> = { breastCancer: 30, wine: 13, iris: 4, digits: 64 };
const step: Words = { en: 'Step', ko: '단계' };

/** What biases start from: the class frequencies at the outputs, a constant under the rectifiers (section 8.4). */
export const biasStart = defineStudy({
  name: 'biasStart',
  title: { en: 'Where biases start', ko: '편향의 출발점' },
  summary: {
    en: 'Starts a network whose output weights are zero with output biases of zero and with the log frequencies of the classes; and measures which share of the rectifiers is off for hidden biases from −2 to 2.',
    ko: '출력 가중치가 0인 신경망을 출력 편향 0과 클래스 빈도의 로그에서 각각 시작하고, 은닉층 편향을 −2에서 2까지 바꾸며 꺼져 있는 ReLU의 비율을 잽니다.',
  },
  parameters: {
    data: {
      kind: 'choice',
      label: { en: 'Data', ko: '데이터' },
      default: 'breastCancer',
      choices: Object.keys(classesOf),
      names: [
        { en: 'Breast cancer (2 classes)', ko: '유방암 (클래스 2개)' },
        { en: 'Wine (3 classes)', ko: '와인 (클래스 3개)' },
        { en: 'Iris (3 classes)', ko: '붓꽃 (클래스 3개)' },
        { en: 'Digits (10 classes)', ko: '숫자 (클래스 10개)' },
      ],
    },
    bias: { kind: 'number', label: { en: 'Hidden biases', ko: '은닉층 편향' }, default: 0.1, min: -2, max: 2 },
    units: { kind: 'integer', label: { en: 'Hidden units', ko: '은닉 유닛 수' }, default: 32, min: 4, max: 128 },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 30, min: 5, max: 500, log: true },
  },
  async run({ data, bias, units, steps }, context) {
    const classes = classesOf[data as Data];
    const experimentOf = (output: BiasInitializerSpec, hidden: number): ExperimentInput => ({
      objective: {
        kind: 'network',
        model: {
          inputShape: [featuresOf[data as Data]],
          layers: [
            { type: 'dense', units, activation: 'relu' },
            { type: 'dense', units: classes },
          ],
          loss: 'softmaxCrossEntropy',
        },
        data: { source: { kind: 'builtin', name: data as Data } },
        weightInitializer: { name: 'heNormal' },
        layerInitializers: [
          { layer: 0, biases: { name: 'constant', scale: hidden } },
          { layer: 1, weights: { name: 'zeros' }, biases: output },
        ],
      },
      optimizer: { name: 'sgd', learningRate: 0.05 },
      training: { stop: { steps } },
    });
    const runs: StudyRun[] = [];
    for (const name of ['zeros', 'marginal'] as const) {
      context.progress(runs.length, 3);
      runs.push(await context.train(experimentOf({ name }, bias)));
    }
    const [fromZeros, fromMarginal] = runs as [StudyRun, StudyRun];
    const { train } = fromZeros.objective.data!;
    const counts = new Float64Array(classes);
    for (const label of train.y) counts[label]!++;
    const entropy = counts.reduce(
      (sum, n) => (n === 0 ? sum : sum - (n / train.examples) * Math.log(n / train.examples)),
      0,
    );

    const offAt = async (value: number): Promise<number> => {
      const { objective, params } = await context.start(experimentOf({ name: 'zeros' }, value));
      return layerSignals(networkOf(objective), train, params)[0]!.output.zeros;
    };
    const biases = Float64Array.from({ length: 21 }, (_, i) => (i - 10) / 5);
    const off = new Float64Array(biases.length);
    for (const [i, value] of biases.entries()) off[i] = await offAt(value);
    const output: Words = { en: 'Output biases', ko: '출력 편향' };
    return {
      facts: {
        zerosLoss: {
          label: { en: 'First loss, output biases 0', ko: '첫 손실, 출력 편향 0' },
          value: fromZeros.metrics.loss[0]!,
          theory: { value: Math.log(classes), formula: '\\ln K' },
        },
        marginalLoss: {
          label: { en: 'First loss, output biases ln pₖ', ko: '첫 손실, 출력 편향 ln pₖ' },
          value: fromMarginal.metrics.loss[0]!,
          theory: { value: entropy, formula: '-\\sum_k p_k \\ln p_k' },
        },
        off: {
          label: { en: 'Share of rectifiers off, chosen bias', ko: '꺼진 ReLU의 비율, 고른 편향' },
          value: await offAt(bias),
        },
        offLow: { label: { en: 'Share off, bias −2', ko: '꺼진 비율, 편향 −2' }, value: off[0]! },
        offZero: { label: { en: 'Share off, bias 0', ko: '꺼진 비율, 편향 0' }, value: off[10]! },
        offHigh: { label: { en: 'Share off, bias 2', ko: '꺼진 비율, 편향 2' }, value: off[20]! },
      },
      charts: {
        loss: {
          label: { en: 'Training loss', ko: '학습 손실' },
          x: { label: step },
          y: { label: { en: 'Loss', ko: '손실' } },
          lines: runs.map(({ metrics }, i) => ({
            label: { en: `${output.en} ${i ? 'ln pₖ' : '0'}`, ko: `${output.ko} ${i ? 'ln pₖ' : '0'}` },
            x: metrics.step,
            y: metrics.loss,
          })),
        },
        off: {
          label: { en: 'Rectifiers that are off', ko: '꺼져 있는 ReLU' },
          x: { label: { en: 'Hidden biases', ko: '은닉층 편향' } },
          y: { label: { en: 'Share of zeros', ko: '0의 비율' } },
          lines: [{ label: { en: 'Share off', ko: '꺼진 비율' }, x: biases, y: off }],
        },
      },
    };
  },
});
