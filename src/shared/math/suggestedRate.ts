/**
 * A learning rate to start from on a two-parameter function, given one at which plain gradient descent behaves.
 * Adaptive rules take steps of about the rate itself; the others scale with the gradient as plain descent does.
 */
export function suggestedRate(optimizer: string, descentRate: number): number {
  switch (optimizer) {
    case 'momentum':
    case 'nesterov':
      return Number((descentRate / 4).toPrecision(2));
    case 'adagrad':
      return 0.5;
    case 'rmsprop':
      return 0.03;
    case 'rmspropNesterov':
      return 0.003;
    case 'adadelta':
      return 1;
    case 'adam':
    case 'adamw':
    case 'amsgrad':
    case 'nadam':
      return 0.1;
    case 'lion':
      return 0.02;
    default:
      return descentRate;
  }
}
