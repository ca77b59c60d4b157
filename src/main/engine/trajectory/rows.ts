/** The recorded θ of a run, read in blocks so that a long path of a large model never has to fit in memory. */
export interface TrajectoryRows {
  readonly rows: number;
  /** P */
  readonly dimension: number;
  /** Rows first … first + count − 1, row-major. */
  read(first: number, count: number): Float32Array;
}
