import { isAbsolute, join } from 'node:path';
import { badInput } from '../../shared/errors';
import type { StartSpec } from '../../shared/model/experiment';
import type { ParameterBlock, ParameterLayout } from '../../shared/model/run';
import type { Vector } from '../engine/objectives/objective';
import { readTensors, readWeights } from '../exchange/weights';
import type { Services } from '../services';

export type StartSources = Pick<Services, 'store' | 'importsFolder'>;

/**
 * Overwrites `params`, or the layers named, with weights from elsewhere. Blocks of a run, and those of named layers, are
 * found by name and shape; a whole file of weights as `run/import` finds them.
 *
 * @throws UserError (badInput) for what is not there or has another shape; `notFound` for an unknown run
 */
export function startFrom(spec: StartSpec, layout: ParameterLayout, params: Vector, sources: StartSources): void {
  if (spec.kind === 'weights') {
    const path = isAbsolute(spec.path) ? spec.path : join(sources.importsFolder, spec.path);
    if (!spec.layers) params.set(readWeights(path, layout));
    else copyBlocks(spec.layers, readTensors(path), `"${spec.path}"`, layout, params);
    return;
  }
  const { store } = sources;
  const run = store.get(spec.runId);
  const theta = store.theta(spec.runId, spec.row ?? run.rows - 1);
  const tensors = run.parameters.map(({ name, shape, offset, size }) => ({
    ...{ name, shape, data: theta.subarray(offset, offset + size) },
  }));
  copyBlocks(spec.layers, tensors, `"${run.experiment.name}"`, layout, params);
}

interface NamedBlock {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

function copyBlocks(
  layers: readonly number[] | undefined,
  tensors: readonly NamedBlock[],
  from: string,
  layout: ParameterLayout,
  params: Vector,
): void {
  const isChosen = ({ name }: ParameterBlock) => !layers || layers.some((layer) => name.startsWith(`layers.${layer}.`));
  const blocks = layout.filter(isChosen);
  const field = ['start'];
  for (const layer of layers ?? []) {
    if (blocks.some(({ name }) => name.startsWith(`layers.${layer}.`))) continue;
    throw badInput(`Layer ${layer} has no parameters to start from elsewhere.`, 'Layers are counted from 0.', field);
  }
  for (const { name, shape, offset } of blocks) {
    const tensor = tensors.find((candidate) => candidate.name === name);
    const found = tensor ? `[${tensor.shape.join(', ')}]` : 'nothing of that name';
    if (!tensor || found !== `[${shape.join(', ')}]`) {
      throw badInput(
        `The start does not fit: ${name} is [${shape.join(', ')}], ${from} has ${found}.`,
        'Start from the same model, or name the layers they have in common.',
        field,
      );
    }
    params.set(tensor.data, offset);
  }
}
