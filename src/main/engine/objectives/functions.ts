import { unknownName } from '../../../shared/errors';
import type { FunctionInfo } from '../../../shared/model/catalog';
import { compileExpression } from './expression';
import type { Objective } from './objective';
import { recurrentUnit } from './recurrentUnit';
import { type TwoParameterFunction, twoParameterObjective } from './twoParameter';

/**
 * The test functions by name: plain data for the catalog. The first eight are those whose critical points are known
 * (tests/fixtures/critical-points.json). `start` and `learningRate` let plain gradient descent show what the note says.
 */
export const functions: readonly FunctionInfo[] = [
  {
    name: 'himmelblau',
    title: 'Himmelblau',
    expression: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2',
    domain: [-6, 6, -6, 6],
    start: [1, 5.5],
    learningRate: 0.002,
    note: 'Four minima of equal depth around one maximum; from the start, descent, momentum and Adam end in three different ones.',
  },
  {
    name: 'rosenbrock',
    title: 'Rosenbrock',
    expression: '(1 - x)^2 + 100*(y - x^2)^2',
    domain: [-2, 2, -1, 3],
    start: [-1.2, 1],
    learningRate: 0.001,
    note: 'A curved ravine of condition number 2,500: the valley is found at once, its floor takes thousands of steps.',
  },
  {
    name: 'styblinskiTang',
    title: 'Styblinski–Tang',
    expression: '(x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y)/2',
    domain: [-5, 5, -5, 5],
    start: [0.4, 0.3],
    learningRate: 0.01,
    note: 'Four minima of different depth: descent ends in the one whose basin it starts in, seldom the deepest.',
  },
  {
    name: 'beale',
    title: 'Beale',
    expression: '(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2',
    domain: [-4.5, 4.5, -4.5, 4.5],
    start: [1, 1.5],
    learningRate: 0.01,
    note: 'A flat valley with sharp peaks at the corners; a saddle at (0, 1) lies on the way.',
  },
  {
    name: 'sixHumpCamel',
    title: 'Six-hump camel',
    expression: '(4 - 2.1*x^2 + x^4/3)*x^2 + x*y + (-4 + 4*y^2)*y^2',
    domain: [-3, 3, -2, 2],
    start: [-2.2, 0.6],
    learningRate: 0.01,
    note: 'Six minima in a bowl that steepens quickly; momentum rolls through a local one into one of the two global ones.',
  },
  {
    name: 'doubleWell',
    title: 'Double well',
    expression: '(x^2 - 1)^2 + y^2',
    domain: [-2, 2, -2, 2],
    start: [0.01, 1.5],
    learningRate: 0.05,
    note: 'Two minima and the saddle between them: started near the ridge, descent first heads for the saddle.',
  },
  {
    name: 'monkeySaddle',
    title: 'Monkey saddle',
    expression: 'x^3 - 3*x*y^2',
    domain: [-2, 2, -2, 2],
    start: [0.6, 1],
    learningRate: 0.01,
    note: 'Three ways down and a zero Hessian at the origin: a degenerate critical point. Unbounded below.',
  },
  {
    name: 'classicalSaddle',
    title: 'Saddle',
    expression: '5*x^2 - y^2',
    domain: [-2, 2, -2, 2],
    start: [1.5, 0.01],
    learningRate: 0.05,
    note: 'A saddle of index 1: the way out has a tiny slope at first. Unbounded below.',
  },
  {
    name: 'booth',
    title: 'Booth',
    expression: '(x + 2*y - 7)^2 + (2*x + y - 5)^2',
    domain: [-10, 10, -10, 10],
    start: [-8, -4],
    learningRate: 0.02,
    note: 'A quadratic of condition number 9: every rate of the textbook can be checked on it.',
  },
  {
    name: 'matyas',
    title: 'Matyas',
    expression: '0.26*(x^2 + y^2) - 0.48*x*y',
    domain: [-10, 10, -10, 10],
    start: [-8, 4],
    learningRate: 0.5,
    note: 'A quadratic ravine of condition number 25 along the diagonal.',
  },
  {
    name: 'rastrigin',
    title: 'Rastrigin',
    expression: '20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)',
    domain: [-5.12, 5.12, -5.12, 5.12],
    start: [-3.3, 2.4],
    learningRate: 0.001,
    note: 'A bowl covered by a lattice of local minima: descent stops in the nearest one.',
  },
  {
    name: 'ackley',
    title: 'Ackley',
    expression: '-20*exp(-0.2*sqrt((x^2 + y^2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + e + 20',
    domain: [-5, 5, -5, 5],
    start: [-3.4, 2.6],
    learningRate: 0.02,
    note: 'A nearly flat, rippled outer region with a funnel in the middle; not differentiable at its minimum.',
  },
  {
    name: 'griewank',
    title: 'Griewank',
    expression: '1 + (x^2 + y^2)/4000 - cos(x)*cos(y/sqrt(2))',
    domain: [-10, 10, -10, 10],
    start: [-7.5, 3],
    learningRate: 0.5,
    note: 'Regular waves on a very wide bowl: local structure hides the global one.',
  },
  {
    name: 'easom',
    title: 'Easom',
    expression: '-cos(x)*cos(y)*exp(-((x - pi)^2 + (y - pi)^2))',
    domain: [-2, 8, -2, 8],
    start: [1.8, 4.4],
    learningRate: 0.1,
    note: 'A single narrow hole in a plain: far from it the gradient says nothing.',
  },
  {
    name: 'terraces',
    title: 'Terraces',
    expression: '0.02*(x^2 + y^2) + sigmoid(8*(x^2 + y^2 - 1)) + sigmoid(8*(x^2 + y^2 - 4))',
    domain: [-3, 3, -3, 3],
    start: [-2.3, 1.6],
    learningRate: 0.1,
    note: 'Plateaus joined by steep circular steps: long waits with a tiny gradient, then a jump.',
  },
  {
    name: 'cliff',
    title: 'Cliff',
    expression: '4*sigmoid(15*x) + 0.1*(x + 1)^2 + 0.1*y^2',
    domain: [-5, 3, -3, 3],
    start: [1.8, 1.2],
    learningRate: 0.3,
    note: 'A gentle slope that ends at a wall: one step on its face throws descent far away unless the gradient is clipped.',
  },
  {
    name: 'mountain',
    title: 'Wrong side of the mountain',
    expression: '2*exp(-x^2) - 3*exp(-(x - 3)^2) + 0.2*y^2',
    domain: [-5, 6, -4, 4],
    start: [-0.6, 2.5],
    learningRate: 0.1,
    note: 'The minimum lies at x = 3; started at x < 0, descent leads away onto an endless plateau. Local slope, wrong direction.',
  },
  {
    name: 'recurrentUnit',
    title: 'Recurrent unit (x = w, y = b)',
    expression: '(σ(x₅₀) − 0.7)², x₀ = 0.5, xₜ = w·σ(xₜ₋₁) + b',
    domain: [3.5, 7, -3.5, -1.5],
    start: [6.4, -2.4],
    learningRate: 0.5,
    note: 'The error of a one-unit recurrent network over 50 time steps (Pascanu et al. 2013): a wall where its fixed point changes.',
  },
];

/** Those that are not expressions. */
const handWritten: Readonly<Record<string, TwoParameterFunction>> = { recurrentUnit };

/** @throws UserError (badInput) listing the known names */
export function findFunction(name: string): FunctionInfo {
  const found = functions.find((info) => info.name === name);
  if (!found) {
    throw unknownName(
      'function',
      name,
      functions.map((info) => info.name),
    );
  }
  return found;
}

/** A test function as an objective with θ = (x, y): exact gradient and Hessian in float64. Throws what `findFunction` throws. */
export function functionObjective(name: string): Objective {
  const { expression } = findFunction(name);
  return twoParameterObjective(handWritten[name] ?? compileExpression(expression));
}
