import type { StudyScene } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { cooperate } from '../cooperate';
import { findFunction, functionObjective, functions } from '../objectives/functions';
import { createOptimizer } from '../optimizers';
import { gridPoints } from '../surface/grid';
import { defineStudy } from './study';

const optimizerNames = ['sgd', 'momentum', 'adam'] as const;
/** Of the function's range over the endings: an ending this near to the lowest has arrived. */
const arrivedShare = 0.01;

/** One descent from every point of a grid: which starts arrive, and how low the others end. */
export const startMap = defineStudy({
  name: 'startMap',
  title: { en: 'Where each start ends', ko: '출발점마다 끝나는 곳' },
  summary: {
    en: 'Descends from every point of a grid with the same optimizer and draws, over each start, the value where it ended.',
    ko: '격자의 모든 점에서 같은 옵티마이저로 내려가, 각 출발점 위에 그 끝의 함숫값을 그립니다.',
  },
  parameters: {
    function: {
      kind: 'choice',
      label: { en: 'Function', ko: '함수' },
      default: 'mountain',
      choices: functions.map(({ name }) => name),
      names: functions.map(({ title }): Words => ({ en: title, ko: title })),
    },
    optimizer: {
      kind: 'choice',
      label: { en: 'Optimizer', ko: '옵티마이저' },
      default: 'sgd',
      choices: optimizerNames,
      names: [
        { en: 'Gradient descent', ko: '경사하강법' },
        { en: 'Momentum', ko: '모멘텀' },
        { en: 'Adam', ko: 'Adam' },
      ],
    },
    steps: { kind: 'integer', label: { en: 'Steps', ko: '단계 수' }, default: 500, min: 1, max: 5_000, log: true },
    grid: { kind: 'integer', label: { en: 'Starts per side', ko: '한 변의 출발점 수' }, default: 31, min: 5, max: 61 },
  },
  async run({ function: name, optimizer: rule, steps, grid }, context) {
    const info = findFunction(name);
    const objective = functionObjective(name);
    const learningRate = info.learningRate * (rule === 'momentum' ? 0.1 : rule === 'adam' ? 5 : 1);
    const optimizer = createOptimizer({
      ...{ name: rule, learningRate, parameters: {}, weightDecay: 0 },
      schedule: { kind: 'constant' },
    });
    const { xs, ys, place } = gridPoints(info.domain, [grid, grid]);
    const ends = new Float64Array(grid * grid);
    const params = objective.allocate();
    const gradient = objective.allocate();
    const at = new Float64Array(2);
    const turn = cooperate(context.signal);
    for (let cell = 0; cell < ends.length; cell++) {
      place(cell, at, 0);
      params.set(at);
      const state = optimizer.init(params);
      for (let t = 0; t < steps; t++) {
        await objective.gradient(params, gradient);
        optimizer.step(gradient, state, params);
      }
      const value = await objective.value(params);
      ends[cell] = Number.isFinite(value) ? value : Number.NaN;
      if (cell % grid === 0) context.progress(cell, ends.length);
      await turn();
    }
    const finite = ends.filter(Number.isFinite);
    const lowest = Math.min(...finite);
    const highest = Math.max(...finite);
    const limit = lowest + arrivedShare * (highest - lowest);
    const arrived = finite.filter((value) => value <= limit).length;
    const axis = (label: string): Words => ({ en: label, ko: label });
    const scene: StudyScene = {
      label: { en: 'Value reached from each start', ko: '출발점마다 이른 값' },
      axes: [axis('x₀'), axis('y₀')],
      height: { en: 'Value at the end', ko: '마지막 함숫값' },
      heightScale: 'linear',
      ...{ xs, ys, heights: ends, paths: [], marks: [] },
    };
    return {
      facts: {
        arrivedShare: {
          label: { en: 'Share of starts that reach the lowest value', ko: '가장 낮은 값에 이른 출발점의 비율' },
          value: arrived / ends.length,
        },
        lowest: { label: { en: 'Lowest value reached', ko: '이른 가장 낮은 값' }, value: lowest },
        highest: { label: { en: 'Highest value a start ends at', ko: '끝난 값 중 가장 높은 것' }, value: highest },
        diverged: {
          label: { en: 'Share that diverged', ko: '발산한 비율' },
          value: 1 - finite.length / ends.length,
        },
      },
      scenes: { ends: scene },
    };
  },
});
