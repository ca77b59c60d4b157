import type { ConvolutionWindow, Window2d } from '../../graph/ir';
import type { ProgramValue } from './graphBuilder';

/** Convolutions and pools of row tensors, read as images, in the operators of one runtime. */
export interface Windows {
  /** @param bias [filters], where there is one */
  convolution(
    x: ProgramValue,
    weight: ProgramValue,
    bias: ProgramValue | null,
    window: ConvolutionWindow,
  ): ProgramValue;
  convolutionInputGradient(dy: ProgramValue, weight: ProgramValue, window: ConvolutionWindow): ProgramValue;
  convolutionWeightGradient(dy: ProgramValue, x: ProgramValue, window: ConvolutionWindow): ProgramValue;
  /** @param places whether `atMaximum` or `toMaximum` is asked for the same x */
  maximum(x: ProgramValue, window: Window2d, places: boolean): ProgramValue;
  atMaximum(x: ProgramValue, t: ProgramValue, window: Window2d): ProgramValue;
  toMaximum(x: ProgramValue, dy: ProgramValue, window: Window2d): ProgramValue;
  average(x: ProgramValue, window: Window2d): ProgramValue;
  averageGradient(dy: ProgramValue, window: Window2d): ProgramValue;
}
