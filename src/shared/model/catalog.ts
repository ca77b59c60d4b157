import type { ActivationName, Domain, Experiment, InitializerSpec, LossName } from './experiment';
import type { CriticalKind } from './landscape';
import type { StudyInfo } from './study';

/** What the engine knows by name: the forms of the interface and `atlas list` are drawn from this. */
export interface Catalog {
  functions: FunctionInfo[];
  datasets: DatasetInfo[];
  optimizers: OptimizerInfo[];
  activations: readonly ActivationName[];
  losses: readonly LossName[];
  initializers: readonly InitializerSpec['name'][];
  studies: StudyInfo[];
  experiments: { name: string; title: string; experiment: Experiment }[];
}

export interface FunctionInfo {
  name: string;
  /** Display name, e.g. "Himmelblau". */
  title: string;
  expression: string;
  domain: Domain;
  start: [number, number];
  /** A learning rate at which plain gradient descent behaves from `start`. */
  learningRate: number;
  note: string;
}

export interface DatasetInfo {
  name: string;
  kind: 'builtin' | 'generated';
  title: string;
  examples: number;
  features: number;
  /** 0 for regression. */
  classes: number;
  source: string;
  licence: string;
}

export interface HyperparameterInfo {
  name: string;
  kind: 'number' | 'boolean';
  default: number | boolean;
  min?: number;
  /** Exclusive when `maxExclusive`. */
  max?: number;
  maxExclusive?: boolean;
  /** A whole number. */
  isInteger?: boolean;
  description: string;
}

export interface OptimizerInfo {
  name: string;
  title: string;
  /** The update rule, as TeX. */
  rule: string;
  /** Where the definition and the defaults come from. */
  source: string;
  defaultLearningRate: number;
  parameters: HyperparameterInfo[];
  /**
   * Its steps evaluate the loss, its gradient or its curvature at points of their own choice. There is then no clipping
   * and no weight decay, and the learning rate is a factor of the step or the first step length tried.
   */
  isSearch: boolean;
}

export interface DataPreview {
  examples: { train: number; validation: number };
  features: number;
  classes: string[];
  fingerprint: string;
  /** Up to 400 training points of the first two features and their class or value. */
  points: { x: Float64Array; y: Float64Array; target: Float64Array };
}

export interface CriticalPoint {
  x: number;
  y: number;
  value: number;
  kind: CriticalKind;
  index: number | null;
  eigenvalues: [number, number];
  /** ‖∇f‖ where the search ended. */
  residual: number;
}
