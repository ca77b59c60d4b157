import { type BuildOptions, buildNetwork } from '../../src/main/engine/graph/build';
import { createRng } from '../../src/main/engine/random';
import { lossNames, type ModelSpec, modelSchema } from '../../src/shared/model/experiment';
import fixture from '../fixtures/torch/layers.json';
import { type Case, randomTargets } from './networks';

type Fixture = (typeof fixture.cases)[number];

/** One model of every layer, those of the PyTorch fixture: with the statistics of the batch, given ones, dropout on. */
export function layerCases(): Case[] {
  const modes: [string, BuildOptions, string | null][] = [
    ['', {}, null],
    [', running statistics', { statistics: 'running' }, 'batchNorm'],
    [', dropout on', { dropout: true }, 'dropout'],
  ];
  return fixture.cases.flatMap((item) =>
    modes.flatMap(([mode, options, layer]) => {
      const model = modelSchema.parse(item.model);
      if (layer !== null && !model.layers.some(({ type }) => type === layer)) return [];
      return [
        {
          name: `${item.name}${mode}`,
          network: buildNetwork(model, options),
          data: { x: Float32Array.from(item.x), y: Float32Array.from(item.y), examples: fixture.examples },
          params: paramsOf(item),
        },
      ];
    }),
  );
}

/** The same models with every loss and more examples than stand side by side in any executor. */
export function layerLossCases(examples = 21): Case[] {
  return fixture.cases.flatMap((item) =>
    lossNames.map((loss): Case => {
      const model = modelSchema.parse({ ...item.model, loss });
      const network = buildNetwork(model);
      const { tensors, input, prediction } = network.graph;
      const rng = createRng(7, `${item.name} ${loss}`);
      const draw = drawInput(model, rng);
      return {
        name: `${item.name}, ${loss}`,
        network,
        data: {
          x: Float32Array.from({ length: examples * tensors[input]!.size }, draw),
          y: randomTargets(rng, loss, tensors[prediction]!.size, examples),
          examples,
        },
        params: paramsOf(item),
      };
    }),
  );
}

const paramsOf = (item: Fixture): Float64Array => Float64Array.from(item.params, Math.fround);

function drawInput({ layers: [first] }: ModelSpec, rng: ReturnType<typeof createRng>): () => number {
  return first?.type === 'embedding' ? () => rng.integer(first.vocabulary) : () => rng.normal();
}
