import type { Theme } from '../../../../shared/math/optimizerColors';
import type { CurvatureMatrix } from '../../../../shared/model/landscape';

/** One colour a matrix, told apart with every common kind of colour blindness, at least 3:1 against the panel. */
const palettes: Record<Theme, Record<CurvatureMatrix, string>> = {
  dark: { hessian: '#8f96ff', gaussNewton: '#f0a63a', empiricalFisher: '#2fc79a' },
  light: { hessian: '#4a4fd0', gaussNewton: '#b8720a', empiricalFisher: '#00805c' },
};

export const matrixColor = (matrix: CurvatureMatrix, theme: Theme): string => palettes[theme][matrix];
