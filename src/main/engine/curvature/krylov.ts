import type { LinearOperator } from '../objectives/objective';
import type { Rng } from '../random';
import { addCombination, addScaled, dot, norm, removeComponents, scale } from '../vectors';
import { productNotFinite } from './productNotFinite';
import { type TridiagonalEigen, tridiagonalEigen } from './tridiagonal';
import { tridiagonalize } from './tridiagonalize';

type Turn = () => Promise<void> | undefined;

/**
 * A Krylov basis V of a symmetric operator A, orthonormal to working precision, with T = VᵀAV tridiagonal:
 * AV = VT + β·next·eᵀ. Everything but the operator itself is float64.
 *
 * Every new vector is orthogonalized against all others (classical Gram–Schmidt, so that the block of them is read four
 * at a time), and again until its norm no longer drops (Daniel, Gragg, Kaufman & Stewart 1976). Where the Krylov space ends (β ≈ 0) it goes on with a new random vector; a full basis is
 * compressed by a thick restart (Wu & Simon 2000) and T is made tridiagonal again.
 */
export class KrylovBasis {
  readonly #operator: LinearOperator;
  readonly #rng: Rng;
  readonly #turn: Turn;
  /** Vectors the basis stays orthogonal to. */
  readonly #locked: readonly Float64Array[];
  readonly #vectors: Float64Array[] = [];
  #diagonal: number[] = [];
  #offDiagonal: number[] = [];
  #next: Float64Array | null;
  #beta = 0;
  #largest = 0;
  #start: Float64Array | null;

  /** @param start first direction, random when left out; only its part beside the locked vectors is used */
  constructor(
    operator: LinearOperator,
    rng: Rng,
    turn: Turn,
    locked: readonly Float64Array[] = [],
    start: Float64Array | null = null,
  ) {
    this.#operator = operator;
    this.#rng = rng;
    this.#turn = turn;
    this.#locked = locked;
    this.#next = null;
    this.#start = start;
  }

  get size(): number {
    return this.#vectors.length;
  }

  /** True when V and the locked vectors span everything: T then has exactly the operator's remaining eigenvalues. */
  get complete(): boolean {
    return this.size + this.#locked.length >= this.#operator.size;
  }

  /** True when AV lies in the span of V: the Krylov space of the start vector ended here. */
  get invariant(): boolean {
    return this.size > 0 && this.#next === null;
  }

  /** T, and β that couples V to the vector after it (0 where there is none to come). */
  get tridiagonal(): { diagonal: readonly number[]; offDiagonal: readonly number[]; beta: number } {
    return { diagonal: this.#diagonal, offDiagonal: this.#offDiagonal, beta: this.complete ? 0 : this.#beta };
  }

  /** One product: V grows by a vector. Must not be called on a complete basis. */
  async expand(): Promise<void> {
    const v = this.#next ?? (await this.#startVector()) ?? (await this.#randomVector());
    const w = new Float64Array(v.length);
    await this.#turn();
    await this.#operator.apply(v, w);
    const previous = this.#vectors.at(-1);
    const alpha = dot(v, w);
    if (!Number.isFinite(alpha)) {
      throw productNotFinite();
    }
    if (previous) addScaled(w, -this.#beta, previous);
    addScaled(w, -alpha, v);
    if (previous) this.#offDiagonal.push(this.#beta);
    this.#vectors.push(v);
    this.#diagonal.push(alpha);
    this.#beta = await this.#orthogonalize(w);
    this.#largest = Math.max(this.#largest, Math.abs(alpha) + this.#beta);
    // Below this the remainder is rounding: the space is invariant.
    if (this.#beta <= 16 * Number.EPSILON * Math.sqrt(v.length) * this.#largest) {
      this.#beta = 0;
      this.#next = null;
    } else {
      scale(w, 1 / this.#beta);
      this.#next = w;
    }
  }

  /** Eigenvalues of T; the residual of Ritz pair i is |β·last[i]|. */
  ritz(): TridiagonalEigen & { residuals: Float64Array } {
    const eigen = tridiagonalEigen(this.#diagonal, this.#offDiagonal);
    const beta = this.complete ? 0 : this.#beta;
    return { ...eigen, residuals: eigen.last.map((last) => Math.abs(beta * last)) };
  }

  /** V·y */
  async combination(y: Float64Array): Promise<Float64Array> {
    const out = new Float64Array(this.#operator.size);
    await addCombination(out, y, this.#vectors, this.#turn);
    return out;
  }

  /** The unit Ritz vector V·s. */
  async ritzVector(s: Float64Array): Promise<Float64Array> {
    const out = await this.combination(s);
    scale(out, 1 / norm(out));
    return out;
  }

  /** Keeps only the Ritz vectors of the chosen eigenvalues (indices into `ritz().values`). */
  async restart(ritz: TridiagonalEigen, kept: readonly number[]): Promise<void> {
    const p = kept.length;
    const m = this.size;
    const arrow = new Float64Array((p + 1) * (p + 1));
    const vectors = kept.map((index) => ritz.vector(index));
    kept.forEach((index, i) => {
      arrow[i * (p + 1) + i] = ritz.values[index]!;
      const coupling = this.#beta * ritz.last[index]!;
      arrow[i * (p + 1) + p] = coupling;
      arrow[p * (p + 1) + i] = coupling;
    });
    const { diagonal, offDiagonal, q } = tridiagonalize(arrow, p + 1);
    // Column c of `mix` holds the coefficients of new vector c: Σ_k s_k·Q[k, c].
    const mix = Array.from({ length: p }, (_, c) => {
      const column = new Float64Array(m);
      for (let k = 0; k < p; k++) addScaled(column, q[k * (p + 1) + c]!, vectors[k]!);
      return column;
    });
    await this.#combine(mix);
    this.#diagonal = Array.from(diagonal.subarray(0, p));
    this.#offDiagonal = Array.from(offDiagonal.subarray(0, p - 1));
    this.#beta = offDiagonal[p - 1]!;
  }

  /** V ← V·mix in place, in slices of the long dimension. */
  async #combine(mix: readonly Float64Array[]): Promise<void> {
    const length = this.#operator.size;
    const slice = 2_048;
    const old = this.#vectors.map(() => new Float64Array(slice));
    for (let from = 0; from < length; from += slice) {
      const count = Math.min(slice, length - from);
      this.#vectors.forEach((vector, i) => {
        old[i]!.set(vector.subarray(from, from + count));
      });
      mix.forEach((column, c) => {
        const target = this.#vectors[c]!.subarray(from, from + count).fill(0);
        old.forEach((values, i) => {
          addScaled(target, column[i]!, values);
        });
      });
      await this.#turn();
    }
    this.#vectors.length = mix.length;
  }

  /** The given start as a unit vector orthogonal to the locked ones; null where nothing of it is left, or it is used. */
  async #startVector(): Promise<Float64Array | null> {
    if (this.#start === null) return null;
    const v = this.#start.slice();
    this.#start = null;
    const before = norm(v);
    const length = await this.#orthogonalize(v);
    if (!(length > 1e-10 * before)) return null;
    scale(v, 1 / length);
    return v;
  }

  async #randomVector(): Promise<Float64Array> {
    const v = new Float64Array(this.#operator.size);
    for (;;) {
      for (let i = 0; i < v.length; i++) v[i] = this.#rng.normal();
      const before = norm(v);
      const length = await this.#orthogonalize(v);
      // Nearly all of it inside the basis: what is left is mostly rounding, draw again.
      if (length <= 1e-10 * before) continue;
      scale(v, 1 / length);
      return v;
    }
  }

  /** Removes the components along all basis and locked vectors; returns the norm that remains. */
  async #orthogonalize(w: Float64Array): Promise<number> {
    let length = norm(w);
    for (let pass = 0; pass < 4; pass++) {
      for (const group of [this.#locked, this.#vectors]) await removeComponents(w, group, this.#turn);
      const remaining = norm(w);
      const kept = remaining > Math.SQRT1_2 * length;
      length = remaining;
      if (kept) break;
    }
    return length;
  }
}
