import { Matrix, QrDecomposition } from 'ml-matrix';
import type { Vector } from '../objectives/objective';
import type { Rng } from '../random';

/**
 * out ← gain·Q, [rows, columns] row-major, with orthonormal rows or columns, whichever are fewer
 * (Saxe et al. 2014; torch.nn.init.orthogonal_): Q of the QR factorization of a Gaussian matrix, each column's sign
 * chosen so that R has a positive diagonal, which makes Q uniform (Mezzadri 2007).
 */
export function orthogonal(rows: number, columns: number, gain: number, rng: Rng, out: Vector): void {
  const tall = Math.max(rows, columns);
  const narrow = Math.min(rows, columns);
  const gaussian = new Matrix(tall, narrow);
  for (let i = 0; i < tall; i++) for (let j = 0; j < narrow; j++) gaussian.set(i, j, rng.normal());

  const { orthogonalMatrix: q, upperTriangularMatrix: r } = new QrDecomposition(gaussian);
  for (let j = 0; j < narrow; j++) {
    const scale = r.get(j, j) < 0 ? -gain : gain;
    for (let i = 0; i < tall; i++) {
      const at = rows >= columns ? i * columns + j : j * columns + i;
      out[at] = scale * q.get(i, j);
    }
  }
}
