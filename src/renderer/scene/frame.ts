import { breakRow } from './drape';
import { floorLevel } from './world';

/** The faces of the box that can carry a grid: the floor and the four walls. */
export const faces = ['floor', 'u0', 'u1', 'v0', 'v1'] as const;
export type Face = (typeof faces)[number];

/** Grid positions in unit coordinates. */
export interface GridPositions {
  u: readonly number[];
  v: readonly number[];
  height: readonly number[];
}

/** Whether the camera (unit coordinates) looks at the inner side of a face. */
export function facesCamera(face: Face, u: number, v: number, height: number): boolean {
  switch (face) {
    case 'floor':
      return height > floorLevel;
    case 'u0':
      return u > 0;
    case 'u1':
      return u < 1;
    case 'v0':
      return v > 0;
    case 'v1':
      return v < 1;
    default:
      return face satisfies never;
  }
}

type Point = readonly [number, number, number];

/** Points (u, v, height, row) of one face's grid lines, or of its outline, as fat lines. */
export function faceLines(face: Face, positions: GridPositions, outline: boolean): Float32Array {
  const at = (a: number, b: number): Point => {
    switch (face) {
      case 'floor':
        return [a, b, floorLevel];
      case 'u0':
        return [0, a, b];
      case 'u1':
        return [1, a, b];
      case 'v0':
        return [a, 0, b];
      case 'v1':
        return [a, 1, b];
      default:
        return face satisfies never;
    }
  };
  const across = face === 'floor' || face === 'v0' || face === 'v1' ? positions.u : positions.v;
  const up = face === 'floor' ? positions.v : positions.height;
  const low = face === 'floor' ? 0 : floorLevel;
  const points: number[] = [];
  const line = (...corners: Point[]): void => {
    for (const corner of corners) points.push(...corner, 0);
    points.push(0, 0, 0, breakRow);
  };
  if (outline) {
    line(at(0, low), at(1, low), at(1, 1), at(0, 1), at(0, low));
  } else {
    for (const a of across) line(at(a, low), at(a, 1));
    for (const b of up) line(at(0, b), at(1, b));
  }
  return Float32Array.from(points);
}
