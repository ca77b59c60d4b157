import type { TwoParameterFunction } from './twoParameter';

const recurrentSteps = 50;
const start = 0.5;
const target = 0.7;

const sigmoid = (a: number) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)));

/**
 * The error of a single recurrent unit (Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural
 * networks", figure 6): x_t = w·σ(x_{t−1}) + b for 50 steps from x₀ = 0.5, error (σ(x₅₀) − 0.7)²; here w is x and b is y.
 * Where the fixed point of the recurrence changes, the surface has a wall: a true cliff.
 * Derivatives follow the recurrence itself: with s = σ(x_{t−1}), p = (w, b),
 * ∂x_t = w·∂s + s·∂w + ∂b and ∂²x_t = w·∂²s + ∂w⊗∂s + ∂s⊗∂w.
 */
export const recurrentUnit: TwoParameterFunction = {
  value(w, b) {
    let x = start;
    for (let t = 0; t < recurrentSteps; t++) x = w * sigmoid(x) + b;
    return (sigmoid(x) - target) ** 2;
  },
  derivatives(w, b, out) {
    let x = start;
    let xw = 0;
    let xb = 0;
    let xww = 0;
    let xwb = 0;
    let xbb = 0;
    for (let t = 0; t <= recurrentSteps; t++) {
      const s = sigmoid(x);
      const d = s * (1 - s);
      const dd = d * (1 - 2 * s);
      const sw = d * xw;
      const sb = d * xb;
      const sww = d * xww + dd * xw * xw;
      const swb = d * xwb + dd * xw * xb;
      const sbb = d * xbb + dd * xb * xb;
      if (t === recurrentSteps) {
        const error = s - target;
        out[0] = error * error;
        out[1] = 2 * error * sw;
        out[2] = 2 * error * sb;
        out[3] = 2 * (sw * sw + error * sww);
        out[4] = 2 * (sw * sb + error * swb);
        out[5] = 2 * (sb * sb + error * sbb);
        return;
      }
      x = w * s + b;
      xw = w * sw + s;
      xb = w * sb + 1;
      xww = w * sww + 2 * sw;
      xwb = w * swb + sb;
      xbb = w * sbb;
    }
  },
};
