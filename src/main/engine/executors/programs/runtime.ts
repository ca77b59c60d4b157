import type { Expressions } from './expressions';
import type { ProgramGraph } from './graphBuilder';
import type { Windows } from './windows';

/** Numbers that programs read or write, in this process's memory or a device's. */
export interface Tensor {
  /** A typed array of the element type. */
  readonly data: unknown;
  dispose(): void;
}
export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph ready to run. */
export interface Program {
  readonly graph: ProgramGraph;
  /**
   * @param feeds by name; those the graph does not read are left aside
   * @param into where results are to be written, by name
   * @returns the outputs in the order of the graph, the caller's to dispose of; those of `into` are the tensors given
   */
  run(feeds: Tensors, into?: Tensors): Promise<Tensor[]>;
  release(): Promise<void>;
}

/** A library that runs graphs of operators, with its settings. */
export interface Runtime {
  /** How it slides windows over images. */
  windows(e: Expressions): Windows;
  /** Memory that each run reads, or writes, in place. */
  floats(data: Float32Array, shape: readonly number[]): Tensor;
  /** Numbers that stay as they are until the tensor is disposed of; may be copied to a device, once. */
  constant(data: Float32Array | Int32Array, shape: readonly number[]): Tensor;
  prepare(graph: ProgramGraph): Promise<Program>;
}
