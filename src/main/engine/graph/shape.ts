/** Per-example dimensions, without the leading N. */
export type Shape = readonly number[];

/** Values per example. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
