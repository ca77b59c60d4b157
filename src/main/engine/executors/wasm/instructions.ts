import type { ActivationName, LossName } from '../../../../shared/model/experiment';

/** The numbers and the layout that `assembly/tape.ts` reads. */
export const ops = {
  gather: 0,
  dense: 1,
  outer: 2,
  sumRows: 3,
  activate: 4,
  activateGrad: 5,
  activateGrad2: 6,
  loss: 7,
  lossGrad2: 8,
  add: 9,
  addBias: 10,
  plane: 11,
  pack: 12,
  mask: 13,
  permute: 14,
  correlate: 15,
  correlateWeights: 16,
  pool: 17,
  addAlong: 18,
  scaleAlong: 19,
  sumAlong: 20,
  standardize: 21,
  normalizeExamples: 22,
  normalizeBatch: 23,
  moments: 24,
  multiply: 25,
  embed: 26,
  embedGrad: 27,
  copy: 28,
  zero: 29,
} as const;
export type OpName = keyof typeof ops;

export const bases = { zero: 0, scratch: 1, params: 2, tangents: 3, partial: 4, packs: 5 } as const;

export const flags = {
  fromZero: 0,
  fromBias: 1,
  fromOutput: 2,
  relu: 4,
  alwaysAdd: 8,
  /** Of the loss alone. */
  addLoss: 1,
  addCorrect: 2,
  writeGradient: 4,
} as const;

export const activationKinds: Readonly<Record<Exclude<ActivationName, 'identity'>, number>> = {
  relu: 1,
  leakyRelu: 2,
  tanh: 3,
  sigmoid: 4,
  softplus: 5,
  elu: 6,
  gelu: 7,
  silu: 8,
};
export const lossKinds: Readonly<Record<LossName, number>> = {
  softmaxCrossEntropy: 0,
  meanSquaredError: 1,
  binaryCrossEntropy: 2,
  multiClassHinge: 3,
  huber: 4,
};
export const poolKinds = {
  maxPool2d: 0,
  maxPool2dGather: 1,
  maxPool2dGrad: 2,
  averagePool2d: 3,
  averagePool2dGrad: 4,
} as const;
export const normalizeKinds = { normalize: 0, normalizeGrad: 1, normalizeGrad2: 2 } as const;

/** Address bases[base] + offset + step·(first panel of the chunk), in bytes. */
export interface Place {
  readonly base: number;
  readonly offset: number;
  readonly step: number;
}

/** One instruction with its operands placed. What m, k, step and tileStep mean is the kernel's affair. */
export interface Instruction {
  readonly op: OpName;
  readonly kind?: number;
  readonly flags?: number;
  readonly m: number;
  readonly k?: number;
  readonly step?: number;
  readonly tileStep?: number;
  /** Address of a plan of windows. */
  readonly plan?: number;
  readonly x?: Place;
  readonly y?: Place;
  readonly z?: Place;
  readonly w?: Place;
  readonly out?: Place;
}

const wordsPerInstruction = 23;
/** A float32 as the word that holds it. */
export const floatWord = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;

const nowhere: Place = { base: bases.zero, offset: 0, step: 0 };

/** The tape as the kernels read it. */
export function encode(instructions: readonly Instruction[]): Uint32Array {
  const words = new Uint32Array(instructions.length * wordsPerInstruction);
  instructions.forEach((it, i) => {
    const places = [it.x, it.y, it.z, it.w, it.out].map((place) => place ?? nowhere);
    words.set(
      [
        ops[it.op],
        it.kind ?? 0,
        it.flags ?? 0,
        it.m,
        it.k ?? 0,
        it.step ?? 0,
        it.tileStep ?? 0,
        it.plan ?? 0,
        ...places.flatMap(({ base, offset, step }) => [base, offset, step]),
      ],
      i * wordsPerInstruction,
    );
  });
  return words;
}
