import { ClampToEdgeWrapping, DataTexture, FloatType, NearestFilter, RGBAFormat } from 'three';
import type { LossTick } from '../../shared/math/ticks';

/** Heights told apart by the table. Between two levels it only has to know which is nearer. */
export const levelTableSize = 1_024;

/**
 * For each of `levelTableSize` heights from 0 to 1: the height of the nearest level, 1 if it is a major one, and its
 * distance to the level next to it; without levels, a level far away.
 */
export function fillLevelTable(levels: readonly LossTick[], out: Float32Array): void {
  let k = 0;
  for (let i = 0; i < levelTableSize; i++) {
    const height = i / (levelTableSize - 1);
    while (k + 1 < levels.length && levels[k + 1]!.height - height < height - levels[k]!.height) k++;
    const level = levels[k];
    const above = levels[k + 1];
    const below = levels[k - 1];
    out[4 * i] = level ? level.height : -9;
    out[4 * i + 1] = level?.major ? 1 : 0;
    out[4 * i + 2] = level
      ? Math.min(above ? above.height - level.height : 1, below ? level.height - below.height : 1)
      : 1;
    out[4 * i + 3] = 0;
  }
}

export function levelTexture(): DataTexture {
  const texture = new DataTexture(new Float32Array(4 * levelTableSize), levelTableSize, 1, RGBAFormat, FloatType);
  texture.minFilter = NearestFilter;
  texture.magFilter = NearestFilter;
  texture.wrapS = ClampToEdgeWrapping;
  fillLevelTable([], texture.image.data as Float32Array);
  texture.needsUpdate = true;
  return texture;
}
