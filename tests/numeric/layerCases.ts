import { type BuildOptions, buildNetwork } from '../../src/main/engine/graph/build';
import { modelSchema } from '../../src/shared/model/experiment';
import fixture from '../fixtures/torch/layers.json';
import type { Case } from './networks';

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
          params: Float64Array.from(item.params, Math.fround),
        },
      ];
    }),
  );
}
