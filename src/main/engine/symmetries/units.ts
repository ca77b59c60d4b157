/**
 * By what a unit's own parameters may be multiplied, and those that read it divided, without changing the network:
 * f(cz) = c·f(z) for any c ≠ 0 (nothing or averages between the two), for c > 0 (relu: Dinh et al. 2017), for c = −1
 * (tanh: Chen, Lu & Hecht-Nielsen 1993), or for none.
 */
export type Scaling = 'any' | 'positive' | 'sign' | 'none';

/** The hidden units (channels) one layer hands to the next, which may change places without changing the network. */
export interface HiddenUnits {
  /** Of the layer that makes them. */
  layer: string;
  units: number;
  /** By what each may be multiplied where its readers are divided. */
  scaling: Scaling;
  uses: readonly UnitUse[];
}

/** A parameter block seen as [outer, units, inner]. */
export interface UnitUse {
  offset: number;
  outer: number;
  inner: number;
  /** The unit's own parameters (its row, bias, norm); false: those of the next layer that read it. */
  own: boolean;
}
