/**
 * World units. The window of the plane is the unit square: x to the right (+X), y away from the viewer (−Z), height
 * up (+Y). The box stands on a floor a little below the lowest height, so that the floor can be seen.
 */
export const boxHeight = 0.5;
/** Height of the floor in units of the height field (0 to 1). */
export const floorLevel = -0.3;
/** Centre of the box in world units. */
export const boxCentre: readonly [number, number, number] = [0, ((1 + floorLevel) / 2) * boxHeight, 0];

export const worldX = (u: number): number => u - 0.5;
export const worldY = (height: number): number => height * boxHeight;
export const worldZ = (v: number): number => 0.5 - v;
