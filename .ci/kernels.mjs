import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const sources = 'src/main/engine/executors/wasm/assembly';
const output = 'out/kernels';
/** One source, two builds: with fused multiply-add where the runtime has relaxed SIMD. */
const kernels = [
  { file: 'kernels.simd.wasm', features: [] },
  { file: 'kernels.relaxed.wasm', features: ['--enable', 'relaxed-simd'] },
];
const options = [
  '--optimizeLevel=3',
  '--shrinkLevel=0',
  '--noAssert',
  '--runtime=stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--enable=simd',
  '--enable=threads',
];

/** Builds the WebAssembly kernels of the wasm executor into `out/kernels/` where their sources are newer. */
export async function buildKernels() {
  const built = await Promise.all(kernels.map(({ file }) => modified(path.join(root, output, file))));
  if (Math.min(...built) > (await newestSource())) return;
  const { default: asc } = await import('assemblyscript/asc');
  await mkdir(path.join(root, output), { recursive: true });
  for (const { file, features } of kernels) {
    // Several processes may build at once: each writes its own file and the last rename wins.
    const temporary = `${output}/${file}.${process.pid}`;
    const { error, stderr } = await asc.main(
      [`${sources}/index.ts`, '--baseDir', root, '--outFile', temporary, ...options, ...features],
      {},
    );
    if (error) throw new Error(`${file}: ${error.message}\n${stderr}`);
    await rename(path.join(root, temporary), path.join(root, output, file));
  }
}

async function newestSource() {
  const names = (await readdir(path.join(root, sources))).map((name) => path.join(root, sources, name));
  return Math.max(...(await Promise.all([...names, fileURLToPath(import.meta.url)].map(modified))));
}

async function modified(file) {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
