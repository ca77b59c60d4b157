/** Every `stride`-th point of a grid along both axes, and the last one of each. */
export interface Lattice {
  /** Positions along x and y, ascending. */
  positions: [number[], number[]];
  /** Flat indices of the points, row by row. */
  cells: Int32Array;
  /** on: a point of the lattice; row, column: between two of a line along x, along y; between: on no line. */
  placeOf(cell: number): 'on' | 'row' | 'column' | 'between';
}

export function refineLattice(nx: number, ny: number, stride: number): Lattice {
  const along = (n: number) => {
    const positions = Array.from({ length: Math.ceil(n / stride) }, (_, k) => k * stride);
    return positions.at(-1) === n - 1 ? positions : [...positions, n - 1];
  };
  const [columns, rows] = [along(nx), along(ny)];
  const inColumns = new Set(columns);
  const inRows = new Set(rows);
  return {
    positions: [columns, rows],
    cells: Int32Array.from(rows.flatMap((j) => columns.map((i) => j * nx + i))),
    placeOf(cell) {
      const [onColumn, onRow] = [inColumns.has(cell % nx), inRows.has(Math.floor(cell / nx))];
      if (onColumn) return onRow ? 'on' : 'column';
      return onRow ? 'row' : 'between';
    },
  };
}

/** What a lattice says about a point between its own. */
export interface Prediction {
  /** Of the cubic through the lattice; NaN unless all points it needs are finite. */
  value: number;
  /** Points of the stencil that are finite, and all of them. */
  known: number;
  expected: number;
  /** Largest surplus around. */
  worst: number;
}

/** Along one axis: the lattice positions that predict a point, with Lagrange's weights, and those it is judged by. */
interface Stencil {
  positions: number[];
  weights: number[];
  around: number[];
}

/** Points of a cubic. */
const order = 4;

/** Predicts grid points by the tensor cubic through the four nearest lattice lines of each axis (all of fewer). */
export function predictor(
  { positions }: Lattice,
  [nx, ny]: readonly [number, number],
): (cell: number, values: Float64Array, surplus: Float64Array) => Prediction {
  const [columns, rows] = [stencils(positions[0], nx), stencils(positions[1], ny)];
  return (cell, values, surplus) => {
    const [across, down] = [columns[cell % nx]!, rows[Math.floor(cell / nx)]!];
    let value = 0;
    let known = 0;
    down.positions.forEach((j, b) => {
      across.positions.forEach((i, a) => {
        const at = values[j * nx + i]!;
        value += down.weights[b]! * across.weights[a]! * at;
        if (!Number.isNaN(at)) known++;
      });
    });
    let worst = 0;
    for (const j of down.around) for (const i of across.around) worst = Math.max(worst, surplus[j * nx + i]!);
    return { value, known, expected: down.positions.length * across.positions.length, worst };
  };
}

/** One for each point of an axis. */
function stencils(positions: readonly number[], n: number): Stencil[] {
  let k = 0;
  return Array.from({ length: n }, (_, i): Stencil => {
    while (k + 1 < positions.length && positions[k + 1]! <= i) k++;
    if (positions[k] === i) return { positions: [i], weights: [1], around: positions.slice(Math.max(0, k - 1), k + 2) };
    const first = Math.max(0, Math.min(k - 1, positions.length - order));
    const used = positions.slice(first, first + order);
    const weights = used.map((own) =>
      used.reduce((product, other) => (other === own ? product : (product * (i - other)) / (own - other)), 1),
    );
    return { positions: used, weights, around: used };
  });
}
