import type { ActivationName, InitializerSpec } from '../../../shared/model/experiment';
import type { Fact, StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { layerSignals, type Moments } from '../executors/reference/signals';
import { initialize } from '../initializers/initialize';
import { createRng } from '../random';
import { digitsModel } from './digits';
import { networkOf } from './network';
import { startSchemes } from './startSchemes';
import { defineStudy } from './study';

/** √E[y²]: what a layer of weights multiplies. */
const rootMeanSquare = ({ mean, std }: Moments): number => Math.hypot(mean, std);
const measured = Int32Array.from({ length: 200 }, (_, i) => i);
/** E[f(z)²]/E[z²] of a symmetric z, where it is one number. */
const passed: Partial<Record<string, number>> = { identity: 1, relu: 0.5 };

/** Signal and gradient layer by layer at the start of a deep network (section 8.4). */
export const layerScales = defineStudy({
  name: 'layerScales',
  title: { en: 'Signal and gradient, layer by layer', ko: '층마다 신호와 기울기' },
  summary: {
    en: 'Draws the weights of a deep network in several ways and measures the root mean square of outputs and of gradients at every layer, on 200 digits in float64.',
    ko: '깊은 신경망의 가중치를 여러 방법으로 뽑고, 숫자 200개로 층마다 출력과 기울기의 제곱평균제곱근을 float64로 잽니다.',
  },
  parameters: {
    activation: {
      kind: 'choice',
      label: { en: 'Activation', ko: '활성화 함수' },
      default: 'relu',
      choices: ['relu', 'tanh', 'identity'],
      names: [
        { en: 'ReLU', ko: 'ReLU' },
        { en: 'tanh', ko: 'tanh' },
        { en: 'None (linear)', ko: '없음 (선형)' },
      ],
    },
    gain: {
      kind: 'number',
      label: { en: 'Your gain g: N(0, g²/fan in)', ko: '직접 고른 이득 g: N(0, g²/fan in)' },
      default: 1,
      min: 0.1,
      max: 5,
      log: true,
    },
    layers: { kind: 'integer', label: { en: 'Hidden layers', ko: '은닉층 수' }, default: 10, min: 2, max: 20 },
    units: { kind: 'integer', label: { en: 'Units in each', ko: '층마다 유닛 수' }, default: 64, min: 8, max: 96 },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ activation, gain, layers, units, seed }, context) {
    const objective = await context.load(
      {
        kind: 'network',
        model: digitsModel(Array<number>(layers).fill(units), activation as ActivationName),
        data: { source: { kind: 'builtin', name: 'digits' } },
      },
      'reference',
    );
    const network = networkOf(objective);
    const { layout } = network;
    // N(0, g²/fan in) is √½·g times He's.
    const own: InitializerSpec = { name: 'heNormal', scale: gain / Math.SQRT2 };
    const schemes = [...startSchemes, { key: 'own', label: { en: 'Your gain', ko: '직접 고른 이득' }, weights: own }];
    const x = Float64Array.from({ length: layers }, (_, i) => i + 1);
    const turn = cooperate(context.signal);
    const facts: Record<string, Fact> = {};
    const signalLines: StudyLine[] = [];
    const gradientLines: StudyLine[] = [];
    const rows: (number | Words)[][] = [];
    for (const [i, { key, label, weights }] of schemes.entries()) {
      context.progress(i, schemes.length);
      await turn();
      const theta = new Float64Array(objective.train.dimension);
      initialize(layout, { weights, biases: { name: 'zeros' } }, createRng(seed, 'layerScales'), theta);
      const hidden = (await layerSignals(network, objective.data!.train, theta, measured)).slice(0, layers);
      const signal = Float64Array.from(hidden, ({ output }) => rootMeanSquare(output));
      const gradient = Float64Array.from(hidden, ({ gradient }) => rootMeanSquare(gradient!));
      const last = layers - 1;
      const named = ({ en, ko }: Words): Words => ({ en: `${en}, ${label.en}`, ko: `${ko}, ${label.ko}` });
      // Zeros let nothing through: 0, not 0/0.
      const ratio = (a: number, b: number) => (a === 0 ? 0 : a / b);
      const kept = passed[activation];
      facts[`${key}Signal`] = {
        label: named({
          en: 'Signal of the last hidden layer, of the first',
          ko: '마지막 은닉층의 신호 (첫 층에 대한 비)',
        }),
        value: ratio(signal[last]!, signal[0]!),
        ...(key === 'own' &&
          kept !== undefined && {
            theory: {
              value: (gain * Math.sqrt(kept)) ** last,
              formula: activation === 'relu' ? '(g/\\sqrt2)^{L-1}' : 'g^{L-1}',
            },
          }),
      };
      facts[`${key}Gradient`] = {
        label: named({
          en: 'Gradient at the first hidden layer, of the last',
          ko: '첫 은닉층의 기울기 (마지막 층에 대한 비)',
        }),
        value: ratio(gradient[0]!, gradient[last]!),
      };
      rows.push([label, signal[0]!, signal[last]!, gradient[0]!, gradient[last]!, hidden[last]!.output.zeros]);
      // A logarithm has no place for the zeros of a start at zero.
      const drawn = (values: Float64Array) => values.map((value) => (value === 0 ? Number.NaN : value));
      signalLines.push({ label, x, y: drawn(signal) });
      gradientLines.push({ label, x, y: drawn(gradient) });
    }
    const layer: Words = { en: 'Hidden layer', ko: '은닉층' };
    return {
      facts,
      charts: {
        signal: {
          label: { en: 'Signal', ko: '신호' },
          x: { label: layer },
          y: { label: { en: '√E[y²]', ko: '√E[y²]' }, log: true },
          lines: signalLines,
        },
        gradient: {
          label: { en: 'Gradient of one example', ko: '예제 하나의 기울기' },
          x: { label: layer },
          y: { label: { en: '√E[(∂ℓ/∂y)²]', ko: '√E[(∂ℓ/∂y)²]' }, log: true },
          lines: gradientLines,
        },
      },
      tables: {
        layers: {
          label: { en: 'First and last hidden layer', ko: '첫 은닉층과 마지막 은닉층' },
          columns: [
            { en: 'Start', ko: '초기화' },
            { en: 'Signal, first', ko: '신호, 첫 층' },
            { en: 'Signal, last', ko: '신호, 마지막 층' },
            { en: 'Gradient, first', ko: '기울기, 첫 층' },
            { en: 'Gradient, last', ko: '기울기, 마지막 층' },
            { en: 'Share of zeros, last', ko: '0의 비율, 마지막 층' },
          ],
          rows,
        },
      },
    };
  },
});
