import { badInput } from '../../shared/errors';
import type { ObjectiveSpec } from '../../shared/model/experiment';
import type { RunInfo } from '../../shared/model/run';

/** Points of one parameter space need the same parameters, and the surface under them the same objective. */
export function requireSameModel(first: RunInfo, other: RunInfo): void {
  const shapes = ({ parameters }: RunInfo) => parameters.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  const [a, b] = [shapes(first), shapes(other)];
  const differing = a.length === b.length ? a.findIndex((shape, i) => shape !== b[i]) : Math.min(a.length, b.length);
  if (differing >= 0) {
    throw badInput(
      `"${first.experiment.name}" and "${other.experiment.name}" are different models: ${a[differing] ?? 'nothing'} against ${b[differing] ?? 'nothing'}.`,
      'Choose runs of the same model.',
    );
  }
  const objective = ({ experiment: { objective: spec } }: RunInfo) => JSON.stringify(withoutStart(spec));
  if (objective(first) !== objective(other)) {
    throw badInput(
      `"${first.experiment.name}" and "${other.experiment.name}" minimize different objectives.`,
      'Choose runs of the same objective and data.',
    );
  }
}

/** What is minimized, whatever the run starts from. */
function withoutStart(spec: ObjectiveSpec): ObjectiveSpec {
  switch (spec.kind) {
    case 'network': {
      const fixed = { name: 'zeros' } as const;
      const { layerInitializers: _, ...rest } = spec;
      return { ...rest, weightInitializer: fixed, biasInitializer: fixed };
    }
    case 'function':
    case 'expression': {
      const { start: _, ...rest } = spec;
      return rest;
    }
    default:
      return spec satisfies never;
  }
}
