import type { ScheduleSpec } from '../../../shared/model/experiment';

/** ε(t), the learning rate of step t = 0, 1, … */
export type Schedule = (step: number) => number;

/**
 * PyTorch's StepLR, ExponentialLR and CosineAnnealingLR in closed form, stepped once per optimizer step.
 * `cosine` stays at its floor after `steps`, where PyTorch's would rise again.
 */
export function createSchedule(spec: ScheduleSpec, learningRate: number): Schedule {
  switch (spec.kind) {
    case 'constant':
      return () => learningRate;
    case 'step':
      return (step) => learningRate * spec.gamma ** Math.floor(step / spec.every);
    case 'exponential':
      return (step) => learningRate * spec.gamma ** step;
    case 'cosine':
      return (step) =>
        step >= spec.steps
          ? spec.floor
          : spec.floor + 0.5 * (learningRate - spec.floor) * (1 + Math.cos((Math.PI * step) / spec.steps));
    default:
      return spec satisfies never;
  }
}
