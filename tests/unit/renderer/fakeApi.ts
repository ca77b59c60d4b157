import type {
  EventName,
  Events,
  Params,
  PartialOf,
  Progress,
  RequestName,
  Result,
  Value,
} from '../../../src/shared/contract';
import type { Plane, PlanePath, Surface } from '../../../src/shared/model/landscape';
import { type RunInfo, runSchema } from '../../../src/shared/model/run';
import { catalogFixture } from './catalogFixture';

interface Options<K extends RequestName> {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onPartial?: (value: PartialOf<K>) => void;
}
type Handler<K extends RequestName> = (
  params: Params<K>,
  options: Options<K>,
) => Promise<Result<Value<K>>> | Result<Value<K>>;

/** Stands in for `src/renderer/api`: answers requests from a table and lets tests send events. */
export interface FakeApi {
  /** Every request made, in order. */
  calls: { method: RequestName; params: unknown }[];
  handle<K extends RequestName>(method: K, handler: Handler<K>): void;
  emit<E extends EventName>(event: E, payload: Events[E]): void;
  module: Record<string, unknown>;
  reset(): void;
}

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export function createFakeApi(): FakeApi {
  const handlers = new Map<RequestName, Handler<never>>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const calls: FakeApi['calls'] = [];
  const defaults = (): void => {
    handlers.clear();
    set('catalog/get', () => ok(catalogFixture));
    set('app/info', () => ok({ version: '0', host: 'browser', executors: [], dataFolder: '' }));
    set('settings/set', () => ok({} as never));
    set('run/acknowledge', () => ok(null));
    set('run/cancel', () => ok(null));
    set('run/follow', () => ok(null));
    set('plane/create', ({ source }) => ok(planeOf(source.kind === 'runs' ? source.runIds : [])));
    set('surface/compute', ({ grid, range }) => ok(surfaceOf(grid[0], range ?? [-6, 6, -6, 6])));
  };
  const set = <K extends RequestName>(method: K, handler: Handler<K>) =>
    void handlers.set(method, handler as Handler<never>);
  defaults();
  return {
    calls,
    handle: set,
    emit(event, payload) {
      for (const listener of [...(listeners.get(event) ?? [])]) listener(payload as never);
    },
    reset() {
      calls.length = 0;
      listeners.clear();
      defaults();
    },
    module: {
      async request(method: RequestName, params: unknown, options: Options<RequestName> = {}) {
        calls.push({ method, params });
        const handler = handlers.get(method) as Handler<RequestName> | undefined;
        if (!handler) return { ok: false, error: { code: 'internal', message: `no handler for ${method}` } };
        return handler(params as never, options);
      },
      subscribe(event: EventName, listener: (payload: never) => void) {
        const set = listeners.get(event) ?? new Set();
        listeners.set(event, set.add(listener));
        return () => void set.delete(listener);
      },
      onMenu: () => () => undefined,
      onConnection: () => () => undefined,
      saveFile: async (name: string) => name,
    },
  };
}

export function runInfo(id: string, experiment: RunInfo['experiment'], change: Partial<RunInfo> = {}): RunInfo {
  return runSchema.parse({
    schemaVersion: 1,
    id,
    experiment,
    parameters: [],
    parameterCount: 2,
    datasetFingerprint: null,
    examples: { train: 0, validation: 0 },
    executor: 'analytic',
    createdAt: '2026-01-01T00:00:00Z',
    outcome: { kind: 'running', step: 0 },
    rows: 0,
    seconds: 0,
    ...change,
  });
}

function planeOf(runIds: readonly string[]): Plane {
  const column = Float64Array.of(1, 2, 3);
  return {
    spec: { kind: 'parameters', indices: [0, 1], origin: 'final' },
    dimension: 2,
    norms: [1, 1],
    axisCosine: 0,
    explainedVarianceRatio: null,
    labels: ['x', 'y'],
    range: [-6, 6, -6, 6],
    paths: runIds.map(
      (runId): PlanePath => ({ runId, x: column, y: column, residual: new Float64Array(3), loss: column }),
    ),
  };
}

function surfaceOf(side: number, [x0, x1, y0, y1]: readonly [number, number, number, number]): Surface {
  const line = (from: number, to: number) =>
    Float64Array.from({ length: side }, (_, i) => from + ((to - from) * i) / (side - 1));
  const { paths: _none, ...plane } = planeOf([]);
  return {
    id: 's',
    xs: line(x0, x1),
    ys: line(y0, y1),
    loss: new Float64Array(side * side).fill(1),
    standardError: null,
    accuracy: null,
    min: 1,
    max: 1,
    masked: 0,
    evaluations: side * side,
    seconds: 0,
    executor: 'analytic',
    executorSelection: null,
    subset: { kind: 'full' },
    split: 'train',
    examples: 0,
    plane,
  };
}
