import type { ParameterLayout } from '../model/run';

/** The block's name, with the position inside it where it has more than one entry: `layers.0.weight[3, 7]`. */
export function parameterLabel(layout: ParameterLayout, index: number): string {
  const block = layout.find(({ offset, size }) => index >= offset && index < offset + size);
  if (!block) return `θ${index}`;
  if (block.size === 1) return block.name;
  const position: number[] = [];
  let rest = index - block.offset;
  for (const length of block.shape.toReversed()) {
    position.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `${block.name}[${position.join(', ')}]`;
}
