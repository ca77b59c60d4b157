import type { Domain } from '../../../shared/model/experiment';
import type { StudyScene } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { compileExpression } from '../objectives/expression';
import { findFunction } from '../objectives/functions';
import { smoothed } from '../objectives/smoothed';
import { type TwoParameterFunction, twoParameterObjective } from '../objectives/twoParameter';
import { iterate } from './iterate';
import { defineStudy } from './study';

interface Landscape {
  label: Words;
  expression: string;
  domain: Domain;
  minimum: readonly [number, number];
}

const known = (name: string, label: Words, minimum: readonly [number, number]): Landscape => {
  const { expression, domain } = findFunction(name);
  return { label, expression, domain, minimum };
};

const landscapes: Readonly<Record<string, Landscape>> = {
  rastrigin: known('rastrigin', { en: 'Rastrigin', ko: '라스트리긴' }, [0, 0]),
  ackley: known('ackley', { en: 'Ackley', ko: '애클리' }, [0, 0]),
  narrowHole: {
    label: { en: 'Narrow hole', ko: '좁은 구멍' },
    expression: '-1.3*exp(-((x+1)^2+y^2)/0.12) - exp(-((x-1)^2+y^2)) + 0.05*(x^2+y^2)',
    domain: [-3, 3, -3, 3],
    minimum: [-1, 0],
  },
};

/** Starts along each side of their grid. */
const side = 5;
/** From the global minimum, within which an end counts. */
const near = 0.1;

/** A sequence of blurred objectives, each started where the one before ended (section 8.7.6). */
export const continuation = defineStudy({
  name: 'continuation',
  title: { en: 'From blurred to sharp', ko: '흐린 것에서 또렷한 것으로' },
  summary: {
    en: 'Minimizes a function of two parameters by BFGS from 25 starts, directly and through blurred versions of it whose width is halved four times, and counts the starts that reach the global minimum.',
    ko: '매개변수가 둘인 함수를 25개의 출발점에서 BFGS로 곧바로, 또 흐림의 폭을 네 번 반으로 줄여 가며 최소화하고, 전역 최솟점에 이른 출발점을 셉니다.',
  },
  parameters: {
    landscape: {
      kind: 'choice',
      label: { en: 'Function', ko: '함수' },
      default: 'rastrigin',
      choices: Object.keys(landscapes),
      names: Object.values(landscapes).map(({ label }) => label),
    },
    sigma: {
      kind: 'number',
      label: { en: 'First width σ of the blur', ko: '처음 흐림의 폭 σ' },
      default: 0.6,
      min: 0.05,
      max: 0.9,
    },
  },
  async run({ landscape, sigma }, context) {
    const { expression, domain, minimum, label } = landscapes[landscape]!;
    const f = compileExpression(expression);
    const widths = [...Array.from({ length: 5 }, (_, k) => sigma / 2 ** k), 0];
    const levels = widths.map((width) => twoParameterObjective(smoothed(f, width)));
    const [x0, x1, y0, y1] = domain;
    const ways = { direct: levels.slice(-1), continued: levels };
    const reached = { direct: 0, continued: 0 };
    const paths: StudyScene['paths'] = [];
    for (let k = 0; k < side ** 2; k++) {
      context.progress(k, side ** 2);
      // Off the symmetries of the functions, where gradients vanish by chance.
      const start = [
        x0 + ((x1 - x0) * ((k % side) + 0.43)) / side,
        y0 + ((y1 - y0) * (Math.floor(k / side) + 0.57)) / side,
      ];
      for (const way of ['direct', 'continued'] as const) {
        let at = start;
        const points: number[][] = [];
        for (const level of ways[way]) {
          const { params } = await iterate(level, { name: 'bfgs', learningRate: 1 }, at, {
            steps: 60,
            until: (theta, gradientNorm) => points.push([...theta]) > 0 && gradientNorm < 1e-6,
            signal: context.signal,
          });
          at = [...params];
        }
        if (Math.hypot(at[0]! - minimum[0], at[1]! - minimum[1]) <= near) reached[way]++;
        if (k === shownStart) paths.push(pathThrough(f, points, ways[way].length > 1));
      }
    }
    const share = (count: number) => count / side ** 2;
    const scene = (width: number, words: Words, own: StudyScene['paths']): StudyScene => ({
      label: words,
      ...grid(smoothed(f, width), domain),
      paths: own,
      marks: [{ label: { en: 'Global minimum', ko: '전역 최솟점' }, kind: 'minimum', x: minimum[0], y: minimum[1] }],
    });
    return {
      facts: {
        direct: {
          label: { en: 'Share of starts at the global minimum, directly', ko: '전역 최솟점에 이른 비율, 곧바로' },
          value: share(reached.direct),
        },
        continued: {
          label: {
            en: 'Share of starts at the global minimum, by continuation',
            ko: '전역 최솟점에 이른 비율, 연속 방법',
          },
          value: share(reached.continued),
        },
      },
      scenes: {
        sharp: scene(0, label, paths),
        blurred: scene(sigma, { en: `Blurred, σ = ${sigma}`, ko: `흐리게 한 모습, σ = ${sigma}` }, []),
      },
    };
  },
});

/** The start whose paths are drawn. */
const shownStart = 6;

function pathThrough(f: TwoParameterFunction, points: number[][], isContinued: boolean): StudyScene['paths'][number] {
  return {
    label: isContinued ? { en: 'Continuation', ko: '연속 방법' } : { en: 'Directly', ko: '곧바로' },
    x: Float64Array.from(points, ([x]) => x!),
    y: Float64Array.from(points, ([, y]) => y!),
    height: Float64Array.from(points, ([x, y]) => f.value(x!, y!)),
  };
}

function grid(f: TwoParameterFunction, [x0, x1, y0, y1]: Domain) {
  const count = 49;
  const axis = (from: number, to: number) =>
    Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
  const [xs, ys] = [axis(x0, x1), axis(y0, y1)];
  return {
    axes: [
      { en: 'x', ko: 'x' },
      { en: 'y', ko: 'y' },
    ] as [Words, Words],
    height: { en: 'Loss', ko: '손실' },
    heightScale: 'linear' as const,
    ...{ xs, ys },
    heights: Float64Array.from({ length: count ** 2 }, (_, k) => f.value(xs[k % count]!, ys[Math.floor(k / count)]!)),
  };
}
