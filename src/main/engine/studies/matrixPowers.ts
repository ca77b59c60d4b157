import type { StudyLine } from '../../../shared/model/study';
import type { Words } from '../../../shared/model/words';
import { createRng } from '../random';
import { eigenPowers, multiply } from '../recurrence/eigenPowers';
import { type MatrixKind, matrixKinds, squareMatrix } from '../recurrence/squareMatrix';
import { dot, norm } from '../vectors';
import { defineStudy } from './study';

const backSteps: Words = { en: 'Steps back in time', ko: '거슬러 올라간 시간 단계' };

/** A gradient sent back t times through the same linear step, by multiplying and by the eigenvalues of W (section 8.2.5). */
export const matrixPowers = defineStudy({
  name: 'matrixPowers',
  title: { en: 'One matrix, many times', ko: '같은 행렬을 여러 번' },
  summary: {
    en: 'Multiplies a gradient t times by the transpose of one matrix W in float64 and compares it with VΛᵗV⁻¹.',
    ko: '기울기에 한 행렬 W의 전치를 float64로 t번 곱하고 VΛᵗV⁻¹과 비교합니다.',
  },
  parameters: {
    kind: {
      kind: 'choice',
      label: { en: 'Matrix W', ko: '행렬 W' },
      default: 'symmetric',
      choices: matrixKinds,
      names: [
        { en: 'Symmetric', ko: '대칭' },
        { en: 'Gaussian', ko: '가우스' },
        { en: 'Orthogonal', ko: '직교' },
      ],
    },
    radius: {
      kind: 'number',
      label: { en: 'Spectral radius ρ', ko: '스펙트럼 반지름 ρ' },
      default: 0.9,
      min: 0.3,
      max: 1.5,
    },
    steps: { kind: 'integer', label: { en: 'Time steps', ko: '시간 단계 수' }, default: 60, min: 10, max: 200 },
    units: { kind: 'integer', label: { en: 'Units', ko: '유닛 수' }, default: 12, min: 2, max: 60 },
    seed: { kind: 'integer', label: { en: 'Seed', ko: '시드' }, default: 0, min: 0, max: 1_000 },
  },
  async run({ kind, radius, steps, units, seed }) {
    const rng = createRng(seed, 'matrixPowers');
    // Wᵀ of such a W is distributed as W: the matrix drawn is the one that gradients are multiplied by.
    const transposed = squareMatrix(kind as MatrixKind, units, radius, rng);
    const powers = eigenPowers(transposed, units);
    let g = Float64Array.from({ length: units }, () => rng.normal());
    const first = g.slice();
    const direct = new Float64Array(steps + 1);
    const byEigenvalues = new Float64Array(steps + 1);
    const largest = new Float64Array(steps + 1);
    const alignment = new Float64Array(steps + 1);
    let disagreement = 0;
    let next = new Float64Array(units);
    for (let t = 0; t <= steps; t++) {
      const predicted = powers.apply(first, t);
      const part = powers.apply(first, t, true);
      direct[t] = norm(g);
      byEigenvalues[t] = norm(predicted);
      largest[t] = norm(part);
      alignment[t] = Math.abs(dot(g, part)) / (direct[t]! * largest[t]!);
      disagreement = Math.max(disagreement, norm(predicted.map((value, i) => value - g[i]!)) / direct[t]!);
      multiply(transposed, g, next);
      [g, next] = [next, g];
    }
    const half = Math.floor(steps / 2);
    const x = Float64Array.from({ length: steps + 1 }, (_, t) => t);
    const circle = Float64Array.from({ length: 61 }, (_, i) => i / 30 - 1);
    const order = Array.from(powers.moduli.keys()).sort((a, b) => real(a) - real(b));
    function real(i: number): number {
      return powers.moduli[i]! * Math.cos(powers.angles[i]!);
    }
    const arc = (sign: 1 | -1, label: Words): StudyLine => ({
      label,
      x: circle,
      y: circle.map((value) => sign * Math.sqrt(Math.max(0, 1 - value * value))),
      style: 'dashed',
    });
    return {
      facts: {
        radius: {
          label: { en: 'Largest |λ|', ko: '가장 큰 |λ|' },
          value: powers.radius,
          theory: { value: radius, formula: '\\rho(W)' },
        },
        disagreement: {
          label: {
            en: 'Largest relative difference of the two computations',
            ko: '두 계산의 상대 차이의 최댓값',
          },
          value: disagreement,
        },
        growth: {
          label: { en: 'Factor per step, second half', ko: '한 단계의 배율 (뒤쪽 절반)' },
          value: (direct[steps]! / direct[half]!) ** (1 / (steps - half)),
          theory: { value: radius, formula: '\\rho' },
        },
        remains: {
          label: { en: '‖gradient‖ after all steps, of the first', ko: '모든 단계 뒤 ‖기울기‖ (처음에 대한 비)' },
          value: direct[steps]! / direct[0]!,
          theory: { value: radius ** steps, formula: '\\rho^{t}' },
        },
        alignmentFirst: {
          label: { en: 'Alignment with the largest |λ| at first', ko: '가장 큰 |λ|의 방향과의 정렬 (처음)' },
          value: alignment[0]!,
        },
        alignmentLast: {
          label: { en: 'Alignment with the largest |λ| at last', ko: '가장 큰 |λ|의 방향과의 정렬 (마지막)' },
          value: alignment[steps]!,
        },
      },
      charts: {
        norms: {
          label: { en: 'Norm of the gradient', ko: '기울기의 노름' },
          x: { label: backSteps },
          y: { label: { en: '‖gₜ‖', ko: '‖gₜ‖' }, log: true },
          lines: [
            { label: { en: 'Multiplied', ko: '곱한 값' }, x, y: direct, style: 'points' },
            { label: { en: 'VΛᵗV⁻¹g', ko: 'VΛᵗV⁻¹g' }, x, y: byEigenvalues },
            { label: { en: 'Largest |λ| only', ko: '가장 큰 |λ|만' }, x, y: largest, style: 'dashed' },
          ],
        },
        alignment: {
          label: { en: 'Cosine with the part of the largest |λ|', ko: '가장 큰 |λ| 성분과의 코사인' },
          x: { label: backSteps },
          y: { label: { en: 'Cosine', ko: '코사인' } },
          lines: [{ label: { en: 'Alignment', ko: '정렬' }, x, y: alignment }],
        },
        eigenvalues: {
          label: { en: 'Eigenvalues of W in the complex plane', ko: '복소평면 위 W의 고유값' },
          x: { label: { en: 'Real part', ko: '실수부' } },
          y: { label: { en: 'Imaginary part', ko: '허수부' } },
          lines: [
            {
              label: { en: 'Eigenvalues', ko: '고유값' },
              x: Float64Array.from(order, real),
              y: Float64Array.from(order, (i) => powers.moduli[i]! * Math.sin(powers.angles[i]!)),
              style: 'points',
            },
            arc(1, { en: '|λ| = 1', ko: '|λ| = 1' }),
            arc(-1, { en: '|λ| = 1 (below)', ko: '|λ| = 1 (아래)' }),
          ],
        },
      },
    };
  },
});
