/**
 * Builds the WebAssembly kernels of the wasm executor into `out/kernels/` when their sources are newer.
 * Filled in with the executor (src/main/engine/executors/wasm).
 */
export async function buildKernels() {}
