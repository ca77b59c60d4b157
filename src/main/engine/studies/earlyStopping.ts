import type { Words } from '../../../shared/model/words';
import { classifier, lowestAt } from './classifier';
import { lossWords, sceneOfRuns } from './scene';
import { defineStudy } from './study';

const testExamples = 4_000;
/** Far from any seed a person gives to the training data. */
const testSeed = 1_000_000;

/** A run that ends by patience on the validation loss beside the same run to its end, both judged by a third sample. */
export const earlyStopping = defineStudy({
  name: 'earlyStopping',
  title: { en: 'Patience on the validation loss', ko: '검증 손실과 인내' },
  summary: {
    en: 'Trains the same network twice, once until the validation loss has not fallen for some steps and once to the end, and judges both on 4,000 examples that took part in neither.',
    ko: '같은 신경망을 두 번 학습합니다. 한 번은 검증 손실이 정해진 단계 동안 낮아지지 않으면 멈추고, 한 번은 끝까지 갑니다. 어느 쪽에도 쓰이지 않은 예제 4,000개로 둘을 평가합니다.',
  },
  parameters: {
    patience: {
      kind: 'integer',
      label: { en: 'Patience, steps', ko: '인내, 단계' },
      default: 50,
      min: 1,
      max: 1_000,
      log: true,
    },
    examples: {
      kind: 'integer',
      label: { en: 'Training examples', ko: '학습 예제 수' },
      default: 40,
      min: 10,
      max: 1_000,
      log: true,
    },
    validation: {
      kind: 'integer',
      label: { en: 'Validation examples', ko: '검증 예제 수' },
      default: 100,
      min: 4,
      max: 2_000,
      log: true,
    },
    noise: { kind: 'number', label: { en: 'Noise of the data', ko: '데이터의 잡음' }, default: 0.35, min: 0, max: 1 },
    steps: {
      kind: 'integer',
      label: { en: 'Most steps', ko: '최대 단계 수' },
      default: 800,
      min: 10,
      max: 4_000,
      log: true,
    },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 9_999 },
  },
  async run({ patience, examples, validation, noise, steps, seed }, context) {
    const options = { data: 'moons', noise, hidden: [24, 24] } as const;
    const objective = classifier({ ...options, examples, dataSeed: seed, fresh: validation });
    const trained = (stop: { steps: number; patience?: number }) =>
      context.train({ objective, optimizer: { name: 'adam', learningRate: 0.01 }, training: { stop }, seed });
    const stopped = await trained({ steps, patience });
    const whole = await trained({ steps });
    const test = (await context.load(classifier({ ...options, examples: testExamples, dataSeed: testSeed + seed })))
      .train;
    const judged = async (row: number) => {
      const params = test.allocate();
      params.set(whole.trajectory.read(row, 1));
      return test.measure(params);
    };
    const { step, loss, validationLoss, gradientNorm } = whole.metrics;
    const last = step.length - 1;
    const lastOfStopped = stopped.metrics.step.length - 1;
    // Where patience goes back to: the best it has seen.
    const kept = lowestAt(stopped.metrics.validationLoss);
    const best = lowestAt(validationLoss);
    const atKept = await judged(kept);
    const atEnd = await judged(last);
    const names: readonly Words[] = [
      { en: 'To the end', ko: '끝까지' },
      { en: 'Ended by patience', ko: '인내로 멈춤' },
    ];
    const stepAxis = { label: { en: 'Step', ko: '단계' } };
    return {
      facts: {
        endedByPatience: {
          label: { en: 'Ended by the rule', ko: '규칙이 멈춤' },
          value: Number(stopped.outcome.kind === 'patience'),
        },
        stopStep: {
          label: { en: 'Step at which the rule ends the run', ko: '규칙이 멈춘 단계' },
          value: stopped.outcome.step,
        },
        keptStep: {
          label: { en: 'Step with the lowest validation loss until then', ko: '그때까지 검증 손실이 가장 낮은 단계' },
          value: step[kept]!,
        },
        bestStep: {
          label: {
            en: 'Step with the lowest validation loss of the whole run',
            ko: '전체에서 검증 손실이 가장 낮은 단계',
          },
          value: step[best]!,
        },
        sameUntilThen: {
          label: {
            en: 'Largest difference of the two losses until then',
            ko: '그때까지 두 학습의 손실 차이 중 가장 큰 것',
          },
          value: stopped.metrics.loss.reduce((most, value, i) => Math.max(most, Math.abs(value - loss[i]!)), 0),
          theory: { value: 0 },
        },
        validationKept: {
          label: { en: 'Validation loss kept', ko: '남긴 곳의 검증 손실' },
          value: validationLoss[kept]!,
        },
        testKept: {
          label: { en: 'Test loss kept', ko: '남긴 곳의 시험 손실' },
          value: atKept.loss,
          standardError: atKept.standardError,
        },
        testEnd: {
          label: { en: 'Test loss at the end', ko: '끝의 시험 손실' },
          value: atEnd.loss,
          standardError: atEnd.standardError,
        },
        testErrorKept: { label: { en: 'Test error kept', ko: '남긴 곳의 시험 오류율' }, value: 1 - atKept.accuracy },
        testErrorEnd: { label: { en: 'Test error at the end', ko: '끝의 시험 오류율' }, value: 1 - atEnd.accuracy },
        lossKept: { label: { en: 'Training loss kept', ko: '남긴 곳의 학습 손실' }, value: loss[kept]! },
        lossEnd: { label: { en: 'Training loss at the end', ko: '끝의 학습 손실' }, value: loss[last]! },
        gradientAtStop: {
          label: { en: 'Gradient norm where the rule ends the run', ko: '규칙이 멈춘 곳의 기울기 노름' },
          value: gradientNorm[lastOfStopped]!,
        },
        gradientEnd: { label: { en: 'Gradient norm at the end', ko: '끝의 기울기 노름' }, value: gradientNorm[last]! },
      },
      charts: {
        losses: {
          label: { en: 'Losses of the whole run', ko: '끝까지 간 학습의 손실' },
          x: stepAxis,
          y: { label: lossWords },
          lines: [
            { label: { en: 'Training', ko: '학습' }, x: step, y: loss },
            { label: { en: 'Validation', ko: '검증' }, x: step, y: validationLoss },
            {
              label: { en: 'Kept, and where the rule ended', ko: '남긴 곳과 멈춘 곳' },
              x: Float64Array.of(step[kept]!, step[lastOfStopped]!),
              y: Float64Array.of(validationLoss[kept]!, validationLoss[lastOfStopped]!),
              style: 'points',
            },
          ],
        },
        gradient: {
          label: { en: 'Gradient norm of the training loss', ko: '학습 손실의 기울기 노름' },
          x: stepAxis,
          y: { label: { en: '‖∇J‖', ko: '‖∇J‖' }, log: true },
          lines: [
            { label: names[0]!, x: step, y: gradientNorm },
            { label: names[1]!, x: stopped.metrics.step, y: stopped.metrics.gradientNorm },
          ],
        },
      },
      scenes: {
        paths: await sceneOfRuns(
          [whole, stopped],
          {
            label: { en: 'The training loss and where each run ends', ko: '학습 손실과 각 학습이 끝난 곳' },
            names,
            grid: 41,
          },
          context,
        ),
      },
    };
  },
});
