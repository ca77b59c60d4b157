import type { LayerSpec, ModelSpec } from '../../../shared/model/experiment';

/** P, from the shapes alone. */
export function countParameters(model: ModelSpec): number {
  let count = 0;
  let inputs = model.inputShape.reduce((a, b) => a * b, 1);
  for (const layer of model.layers) {
    count += layerParameters(layer, inputs);
    inputs = layer.units;
  }
  return count;
}

function layerParameters(layer: LayerSpec, inputs: number): number {
  switch (layer.type) {
    case 'dense':
      return layer.units * inputs + (layer.bias ? layer.units : 0);
    default:
      return layer.type satisfies never;
  }
}
