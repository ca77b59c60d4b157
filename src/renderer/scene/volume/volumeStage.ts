import { finiteExtent, heightTransform } from '../../../shared/math/heightTransform';
import { axisTicks, type LossTick, lossTicks } from '../../../shared/math/ticks';
import { Stage } from '../stage';
import { floorLevel } from '../world';
import type { SceneVolume, VolumeModel } from './model';

/** The corner of the smallest and of the largest coordinates. */
export interface VolumeBox {
  from: readonly [number, number, number];
  to: readonly [number, number, number];
}

/** The volume fills the box of the scene from its floor: the third coordinate (0 to 1) as a height. */
export const unitHeight = (w: number): number => floorLevel + (1 - floorLevel) * w;

const axisCount = 5;
const colorCount = 5;

/** What the parts of one volume share outside React. Its vertical axis is the third direction, not the loss. */
export class VolumeStage extends Stage {
  box: VolumeBox = { from: [0, 0, 0], to: [1, 1, 1] };
  volume: SceneVolume | null = null;
  /** Of the colours; the box' own axis is in `lossAxis`. */
  colorTicks: LossTick[] = [];
  private seen: { volume: SceneVolume | null; version: number; scale: VolumeModel['heightScale'] } | null = null;

  constructor() {
    super(2);
  }

  /** Called while rendering; idempotent. */
  show(volume: SceneVolume | null, scale: VolumeModel['heightScale']): number {
    const { seen } = this;
    const version = volume?.version ?? -1;
    if (seen && seen.volume === volume && seen.version === version && seen.scale === scale) return this.revision;
    this.seen = { volume, version, scale };
    const extent = volume && finiteExtent(volume.loss);
    this.volume = extent ? volume : null;
    this.transform = extent ? heightTransform(scale, ...extent) : null;
    this.colorTicks = this.transform ? lossTicks(this.transform, colorCount) : [];
    if (volume) {
      const [x, y, z] = [volume.xs, volume.ys, volume.zs].map((c): [number, number] => [c[0]!, c.at(-1)!]) as [
        [number, number],
        [number, number],
        [number, number],
      ];
      this.box = { from: [x[0], y[0], z[0]], to: [x[1], y[1], z[1]] };
      this.domain = [...x, ...y];
      this.ticks = { x: axisTicks(...x, axisCount), y: axisTicks(...y, axisCount) };
      this.lossAxis = axisTicks(...z, axisCount).map(({ value, label }) => ({
        ...{ value, label, major: false },
        height: unitHeight((value - z[0]) / (z[1] - z[0])),
      }));
    }
    return ++this.revision;
  }
}
