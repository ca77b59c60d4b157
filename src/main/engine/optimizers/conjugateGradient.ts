import { addScaled, dot } from '../vectors';
import { firstLength, steepest, wolfeC2 } from './lbfgs';
import { searchLine } from './lineSearch';
import type { Search, SearchDefinition } from './search';

export const conjugateGradient: SearchDefinition = {
  name: 'conjugateGradient',
  title: 'Conjugate gradients',
  rule: String.raw`d_t = -g_t + \beta_t d_{t-1},\quad \theta_{t+1} = \theta_t + \alpha_t d_t,\quad \beta_t^{\mathrm{PR+}} = \max\!\left(0, \frac{g_t^\top (g_t - g_{t-1})}{g_{t-1}^\top g_{t-1}}\right),\; \beta_t^{\mathrm{FR}} = \frac{g_t^\top g_t}{g_{t-1}^\top g_{t-1}}`,
  source:
    'Nocedal & Wright 2006, algorithm 5.4 and (5.45), first trial by (3.60); the line search of torch.optim.LBFGS',
  defaultLearningRate: 1,
  parameters: [
    {
      name: 'polakRibiere',
      kind: 'boolean',
      default: true,
      description: 'β by Polak and Ribière, at least 0; off: by Fletcher and Reeves',
    },
    wolfeC2(0.1),
  ],
  createSearch: ({ polakRibiere, c2 }) => nonlinear(polakRibiere as boolean, c2 as number),
};

/** Restarts from −g where d is no direction of descent, which Wolfe's conditions do not exclude for Polak–Ribière. */
function nonlinear(polakRibiere: boolean, c2: number): Search {
  let last: { gradient: Float64Array; squares: number; direction: Float64Array; slope: number; t: number } | null =
    null;
  return {
    async step(gradient, params, learningRate, at) {
      const squares = dot(gradient, gradient);
      const direction = steepest(gradient);
      if (last) {
        const beta = polakRibiere
          ? Math.max((squares - dot(gradient, last.gradient)) / last.squares, 0)
          : squares / last.squares;
        addScaled(direction, beta, last.direction);
      }
      let slope = dot(gradient, direction);
      if (last && !(slope < 0)) {
        last = null;
        direction.set(steepest(gradient));
        slope = -squares;
      }
      if (!(slope < 0)) return 0;
      const first = learningRate * (last ? (last.t * last.slope) / slope : firstLength(gradient));
      const copy = Float64Array.from(gradient);
      const { t, moved } = await searchLine(gradient, direction, params, at, { first, c2 });
      last = t === 0 ? null : { gradient: copy, squares, direction, slope, t };
      return moved;
    },
  };
}
