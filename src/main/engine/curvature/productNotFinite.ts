import { UserError } from '../../../shared/errors';

export function productNotFinite(): UserError {
  return new UserError('engine', 'A Hessian product is not finite.', {
    cure: 'Measure the curvature at an earlier step, before the loss overflows.',
  });
}
