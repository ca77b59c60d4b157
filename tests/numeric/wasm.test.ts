import { readFile } from 'node:fs/promises';
import { createWasmExecutor, type LoadKernel } from '../../src/main/engine/executors/wasm';
import { conformance } from './conformance';

const load: LoadKernel = (kernel) => readFile(new URL(`../../out/kernels/kernels.${kernel}.wasm`, import.meta.url));

for (const kernels of ['simd', 'relaxed'] as const) {
  for (const threads of [1, 2]) {
    conformance(`wasm ${kernels}, threads ${threads}`, () => createWasmExecutor({ load, kernels, threads }));
  }
}
