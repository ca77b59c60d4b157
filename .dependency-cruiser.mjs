/** The import rules of ARCHITECTURE.md. TypeScript is read through swc: TypeScript 7 has no library to parse with. */

const engineFolders = '^src/main/engine/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shared-stands-alone',
      comment: 'Rule 1: shared imports only shared, and packages that run everywhere.',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: ['^src/(main|preload|renderer)/', '^node_modules/(electron|react|three|ws)/'] },
    },
    {
      name: 'shared-without-node',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'renderer-without-main',
      comment: 'Rule 1: the renderer reaches the engine through the contract alone.',
      severity: 'error',
      from: { path: '^src/renderer/' },
      to: { path: ['^src/(main|preload)/', '^node_modules/electron/'] },
    },
    {
      name: 'renderer-without-node',
      severity: 'error',
      from: { path: '^src/renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-stands-alone',
      comment: 'Rule 2: the engine imports shared and itself.',
      severity: 'error',
      from: { path: engineFolders },
      to: { path: '^src/', pathNot: [engineFolders, '^src/shared/'] },
    },
    {
      name: 'engine-without-files-and-sockets',
      comment: 'Rule 2: never electron, fs or a socket.',
      severity: 'error',
      from: { path: engineFolders },
      to: {
        path: [
          '^(node:)?(fs|fs/promises|net|http|https|http2|dgram|tls|child_process)$',
          '^node_modules/(electron|ws|sirv)/',
        ],
      },
    },
    {
      name: 'estimators-know-only-operators',
      comment: 'Rule 2: curvature and critical know Objective and LinearOperator, never a network.',
      severity: 'error',
      from: { path: '^src/main/engine/(curvature|critical)/' },
      to: { path: '^src/main/engine/(graph|executors|models|datasets|training|objectives/(?!objective\\.ts$))' },
    },
    {
      name: 'only-handlers-know-engine-and-store',
      comment: 'Rule 3: the store does not compute, exchange does not store.',
      severity: 'error',
      from: { path: '^src/main/(store|exchange)/' },
      to: { path: '^src/main/(handlers|hosts)/' },
    },
    {
      name: 'hosts-know-only-the-router',
      comment: 'Rule 3: hosts know the router and the process that holds it, not what is behind.',
      severity: 'error',
      from: { path: '^src/main/hosts/' },
      to: { path: ['^src/main/(engine|handlers|store|exchange)/', '^src/main/services\\.ts$'] },
    },
    {
      name: 'only-the-electron-host-imports-electron',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/main/hosts/electron/', '^src/preload/'] },
      to: { path: '^node_modules/electron/' },
    },
    {
      name: 'scene-and-panels-meet-through-state',
      comment: 'Rule 4.',
      severity: 'error',
      from: { path: '^src/renderer/(scene|panels|lessons)/' },
      to: { path: '^src/renderer/(scene|panels|lessons|api)/', pathNot: ['^src/renderer/$1/', '^src/renderer/scene/(volume/)?model\\.ts$'] },
    },
    {
      name: 'state-draws-nothing',
      comment: 'Rule 4: state reaches the engine through api, and knows no view.',
      severity: 'error',
      from: { path: '^src/renderer/state/' },
      to: { path: '^src/renderer/(scene|panels|lessons|ui)/', pathNot: '^src/renderer/scene/(volume/)?model\\.ts$' },
    },
    {
      name: 'sources-without-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^tests/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^(src|tests)/' },
      to: { couldNotResolve: true, pathNot: ['\\?', '\\.css$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^src/main/engine/executors/wasm/assembly/', '^tests/output/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
