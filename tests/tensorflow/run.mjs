import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot, run } from '../../.ci/project.mjs';

/** The C library of this wheel has the functions that the binding of tfjs-node 4.22, made for 2.9, calls. */
const wheel = { name: 'tensorflow-cpu', version: '2.15.1', python: '3.11', platform: 'manylinux2014_x86_64' };
const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const packages = ['@tensorflow/tfjs-node@4.22.0', 'node-api-headers@1.9.0'];

/** Extracts from the wheel argv[1] into argv[2] the names that start with one of the others. */
const extract = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(tuple(sys.argv[3:]))])
`;

/**
 * Builds @tensorflow/tfjs-node from the sources of its binding in a folder of its own, as its download cannot be reached
 * everywhere: the package without its install script, TensorFlow's C library and headers from a Python wheel, one call
 * of g++. What is there already is kept.
 *
 * @param {string} [folder] takes 900 MB
 * @returns {Promise<string>} the folder, whose node_modules holds the package
 */
export async function buildTensorflow(folder = join(tmpdir(), 'loss-atlas-tensorflow')) {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('The wheel is one for Linux on x86-64.');
  const modules = join(folder, 'node_modules');
  const module = join(modules, '@tensorflow', 'tfjs-node');
  mkdirSync(folder, { recursive: true });

  if (!existsSync(join(modules, 'node-api-headers')) || !existsSync(module)) {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    await step(folder, 'npm', [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      ...packages,
    ]);
  }
  const library = join(folder, 'tensorflow');
  if (!existsSync(library)) {
    const { name, version, python, platform } = wheel;
    const wanted = ['--no-deps', '--only-binary=:all:', '--python-version', python, '--platform', platform];
    await step(folder, 'python3', ['-m', 'pip', 'download', '-q', ...wanted, `${name}==${version}`, '-d', 'wheel']);
    const [file] = readdirSync(join(folder, 'wheel')).filter((found) => found.endsWith('.whl'));
    const parts = [...libraries, 'include/'].map((part) => `tensorflow/${part}`);
    await step(folder, 'python3', ['-c', extract, join('wheel', file ?? ''), 'wheel', ...parts]);
    // Only what is whole gets its name, here and below.
    renameSync(join(folder, 'wheel', 'tensorflow'), library);
    rmSync(join(folder, 'wheel'), { recursive: true });
  }
  const binding = bindingPath(module);
  if (!existsSync(binding)) {
    rmSync(join(module, 'deps'), { recursive: true, force: true });
    for (const path of [join(module, 'deps'), join(binding, '..')]) mkdirSync(path, { recursive: true });
    symlinkSync(library, join(module, 'deps', 'lib'));
    await step(folder, 'g++', [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      ...[module, join(library, 'include'), join(modules, 'node-api-headers', 'include')].map((path) => `-I${path}`),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((source) => join(module, 'binding', source)),
      `-L${library}`,
      ...libraries.map((name) => `-l:${name}`),
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
      ...['-o', `${binding}.part`],
    ]);
    renameSync(`${binding}.part`, binding);
  }
  return folder;
}

/** Where node-pre-gyp looks: the newest version of Node-API that both the package and this Node know. */
function bindingPath(/** @type {string} */ module) {
  const { binary } = JSON.parse(readFileSync(join(module, 'package.json'), 'utf8'));
  const known = binary.napi_versions.filter((/** @type {number} */ each) => each <= Number(process.versions.napi));
  return join(module, 'lib', `napi-v${Math.max(...known)}`, `${binary.module_name}.node`);
}

async function step(/** @type {string} */ cwd, /** @type {string} */ command, /** @type {string[]} */ args) {
  console.log(`${command} ${args.filter((arg) => !arg.includes('\n')).join(' ')}`);
  const { code, output } = await run(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (code !== 0) throw new Error(`${command} ended with exit code ${code} ${output}`.trim());
}

if (process.argv[1] === inRoot('tests', 'tensorflow', 'run.mjs')) {
  process.env.LOSS_ATLAS_TENSORFLOW = await buildTensorflow(process.argv[2]);
  console.log(`LOSS_ATLAS_TENSORFLOW=${process.env.LOSS_ATLAS_TENSORFLOW}`);
  const { code } = await run(process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    'tests/numeric/tensorflow.test.ts',
  ]);
  process.exitCode = code;
}
