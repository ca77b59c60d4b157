/** The recorded θ of a run, read in blocks so that a long path of a large model never has to fit in memory. */
export interface TrajectoryRows {
  readonly rows: number;
  /** P */
  readonly dimension: number;
  /** Rows first … first + count − 1, row-major. */
  read(first: number, count: number): Float32Array;
}

/** `count` of the rows (two or more), evenly spread, the first and the last among them; all of them where there are fewer. */
export function spreadRows(trajectory: TrajectoryRows, count: number): TrajectoryRows {
  const { rows, dimension } = trajectory;
  if (rows <= count) return trajectory;
  return {
    rows: count,
    dimension,
    read(first, wanted) {
      const theta = new Float32Array(wanted * dimension);
      for (let i = 0; i < wanted; i++) {
        const row = Math.round(((first + i) * (rows - 1)) / (count - 1));
        theta.set(trajectory.read(row, 1), i * dimension);
      }
      return theta;
    },
  };
}
