import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Result } from '../../../../src/shared/contract';
import { experimentSchema } from '../../../../src/shared/model/experiment';
import { lessonSchema } from '../../../../src/shared/model/lesson';
import type { StudyInfo, StudyResult } from '../../../../src/shared/model/study';
import { batchOf } from '../batchFixture';
import { catalogFixture } from '../catalogFixture';
import { createFakeApi, ok, runInfo } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const { useCatalog } = await import('../../../../src/renderer/state/catalog');
const { defaultDraft } = await import('../../../../src/renderer/state/draft');
const { clearLandscape, setView, useLandscape } = await import('../../../../src/renderer/state/landscape');
const lessons = await import('../../../../src/renderer/state/lessons');
const { clearStage, connectRuns, useRuns } = await import('../../../../src/renderer/state/runs');
const { connectSession, heldStage, openRecorded, startFrom, train } = await import(
  '../../../../src/renderer/state/session'
);
const { useSettings } = await import('../../../../src/renderer/state/settings');
const { useTimeline } = await import('../../../../src/renderer/state/timeline');
const { adoptDraft, edit, undo, useWorkbench } = await import('../../../../src/renderer/state/workbench');
const { useLessons, openLesson, closeLesson, nextStep, goTo, stateOf, currentStep } = lessons;

const both = (text: string) => ({ en: text, ko: text });
const experiment = (learningRate: number) => ({
  objective: { kind: 'function', name: 'himmelblau' },
  optimizer: { name: 'sgd', learningRate },
  training: { stop: { steps: 3 } },
});
const lesson = lessonSchema.parse({
  name: 'walk',
  title: both('A walk'),
  summary: both('Three steps.'),
  topic: 'illConditioning',
  section: '8.2.1',
  minutes: 3,
  steps: [
    {
      id: 'see',
      title: both('See'),
      body: both('Text'),
      study: { name: 'ravine', parameters: { kappa: 25 }, charts: ['b', 'a'] },
      controls: [{ parameter: 'kappa' }],
      predict: { ask: both('?'), fact: 'rate' },
      question: {
        ask: both('?'),
        choices: [{ text: both('a'), correct: true }, { text: both('b') }],
        answer: both('a'),
      },
    },
    {
      id: 'run',
      title: both('Run'),
      body: both('Text'),
      stage: { experiments: [experiment(0.01), experiment(0.02)], view: 'top' },
    },
    { id: 'ask', title: both('Ask'), body: both('Text'), study: { name: 'ravine', auto: false } },
  ],
});
const chart = { label: both('c'), x: { label: both('x') }, y: { label: both('y') }, lines: [] };
const result = (rate: number): StudyResult => ({
  facts: { rate: { label: both('rate'), value: rate } },
  charts: { a: chart, b: chart, c: chart },
  scenes: {
    ravine: {
      label: both('The ravine'),
      axes: [both('x'), both('y')],
      height: both('f'),
      heightScale: 'linear',
      xs: Float64Array.of(0, 1),
      ys: Float64Array.of(0, 1),
      heights: new Float64Array(4),
      paths: [{ label: both('p'), x: new Float64Array(7), y: new Float64Array(7), height: new Float64Array(7) }],
      marks: [],
    },
  },
  tables: {},
  seconds: 1,
  executors: [],
});
const study: StudyInfo = {
  name: 'ravine',
  title: both('Ravine'),
  summary: both('.'),
  parameters: { kappa: { kind: 'number', label: both('κ'), default: 9, min: 1, max: 100 } },
};

/** Everything that waits its turn has had it. */
const settle = () => vi.advanceTimersByTimeAsync(1_000);
const own = (id: string) => stateOf(useLessons.getState(), id);
const studies = () => fake.calls.filter(({ method }) => method === 'study/run').map(({ params }) => params);
let undos: (() => void)[] = [];
let started = 0;

beforeEach(() => {
  vi.useFakeTimers();
  fake.reset();
  started = 0;
  fake.handle('lesson/get', () => ok(lesson));
  fake.handle('study/run', ({ parameters }) => ok(result(Number(parameters.kappa) / 100)));
  fake.handle('run/delete', () => ok(null));
  // Ends at once: what a run does is not asked here.
  fake.handle('run/start', ({ experiment: wanted }) =>
    ok(runInfo(`run-${++started}`, wanted, { outcome: { kind: 'maxSteps', step: 3 } })),
  );
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  useCatalog.setState({ catalog: { ...catalogFixture, studies: [study] } });
  clearStage();
  clearLandscape();
  adoptDraft(defaultDraft(catalogFixture));
  undos = [
    connectRuns({ engineRestarted: () => ({ message: '', cure: '' }) }),
    connectSession(),
    lessons.connectLessons(),
  ];
});
afterEach(async () => {
  closeLesson();
  await settle();
  for (const stop of undos) stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a step with a study', () => {
  test('is measured as it opens, and shows only the surface until something was predicted', async () => {
    await openLesson('walk');
    await settle();
    expect(studies()).toEqual([{ name: 'ravine', parameters: { kappa: 25 } }]);
    expect(lessons.shownScene(useLessons.getState())).toMatchObject({ bare: true });
    expect(useTimeline.getState().rows).toBe(0);
    lessons.guess(0.5);
    expect(lessons.shownScene(useLessons.getState())).toMatchObject({ bare: false });
    // Its paths are what the timeline plays.
    expect(useTimeline.getState().rows).toBe(7);
    // In the lesson's order.
    expect(lessons.chartsOf(lesson.steps[0]!, own('see')).map(([name]) => name)).toEqual(['b', 'a']);
  });

  test('measures once after dragging, gives up what ran, and keeps what the prediction was about', async () => {
    await openLesson('walk');
    await settle();
    expect(lessons.hasOwnSettings(own('see'))).toBe(true);
    let gaveUp = 0;
    fake.handle(
      'study/run',
      ({ parameters }, { signal }) =>
        new Promise<Result<StudyResult>>((done) => {
          const timer = setTimeout(() => done(ok(result(Number(parameters.kappa) / 100))), 500);
          signal?.addEventListener('abort', () => {
            clearTimeout(timer);
            gaveUp++;
            done({ ok: false, error: { code: 'cancelled', message: 'cancelled' } });
          });
        }),
    );
    for (const kappa of [30, 40, 50]) lessons.setParameter('kappa', kappa);
    await vi.advanceTimersByTimeAsync(400);
    expect(studies()).toHaveLength(2);
    expect(own('see').running).toBe(true);
    lessons.setParameter('kappa', 60);
    await settle();
    expect(gaveUp).toBe(1);
    expect(own('see')).toMatchObject({ running: false, error: null, result: { facts: { rate: { value: 0.6 } } } });
    expect(own('see').ownFacts?.rate?.value).toBe(0.25);
    expect(lessons.hasOwnSettings(own('see'))).toBe(false);
    lessons.resetControls();
    await settle();
    expect(lessons.hasOwnSettings(own('see'))).toBe(true);
    // Back by hand is as good.
    lessons.setParameter('kappa', 25);
    expect(own('see').parameters).toEqual({});
  });

  test('says what went wrong, and can be asked again', async () => {
    fake.handle('study/run', () => ({ ok: false, error: { code: 'engine', message: 'no' } }));
    await openLesson('walk');
    await settle();
    expect(own('see')).toMatchObject({ running: false, error: { message: 'no' }, result: null });
    fake.handle('study/run', () => ok(result(0.1)));
    await lessons.measure(lesson.steps[0]!);
    expect(own('see')).toMatchObject({ error: null, result: { facts: { rate: { value: 0.1 } } } });
  });

  test('waits to be asked where the lesson says so', async () => {
    await openLesson('walk', 'ask');
    await settle();
    expect(currentStep(useLessons.getState())?.id).toBe('ask');
    expect(studies()).toEqual([]);
    expect(lessons.revealNext()).toBe(true);
    await settle();
    expect(studies()).toEqual([{ name: 'ravine', parameters: {} }]);
    expect(lessons.revealNext()).toBe(false);
  });

  test('a remote reveals the measurement, then the answer', async () => {
    await openLesson('walk');
    await settle();
    expect([lessons.revealNext(), lessons.revealNext(), lessons.revealNext()]).toEqual([true, true, false]);
    expect(own('see')).toMatchObject({ guess: null, checked: true });
  });
});

describe('the stage', () => {
  test('is the lesson’s while it is open, and comes back as it was', async () => {
    await train();
    edit('training.steps', (draft) => ({ ...draft, training: { ...draft.training, steps: '77' } }));
    const { draft } = useWorkbench.getState();
    const before = useRuns.getState().runs;
    const surface = useLandscape.getState().surface;
    expect(before).toHaveLength(3);

    await openLesson('walk', 'run');
    await settle();
    expect(useRuns.getState().runs.map(({ label }) => label)).toEqual(['SGD, ε = 0.01', 'SGD, ε = 0.02']);
    expect(useLandscape.getState().options.view).toBe('top');
    expect(heldStage()?.runs.runs).toBe(before);
    setView({ view: 'perspective' });
    // A click begins the lesson's runs there; T runs them again.
    await startFrom(1, 2);
    expect(useRuns.getState().runs.map(({ info }) => info.experiment.objective)).toMatchObject([
      { start: [1, 2] },
      { start: [1, 2] },
    ]);
    expect(useLandscape.getState().options.view).toBe('perspective');
    expect(await train()).toBe(true);
    expect(useWorkbench.getState().draft).toBe(draft);

    closeLesson();
    await settle();
    expect(useRuns.getState().runs).toBe(before);
    expect(useLandscape.getState().surface).toBe(surface);
    expect(heldStage()).toBeNull();
    undo();
    expect(useWorkbench.getState().draft?.training.steps).toBe('300');
    // What the lesson ran left nothing on disk: two at a time, three times.
    const deleted = fake.calls.filter(({ method }) => method === 'run/delete').map(({ params }) => params);
    expect(deleted).toEqual([4, 5, 6, 7, 8, 9].map((n) => ({ runId: `run-${n}` })));
  });

  test('numbers of its experiments are dragged by their paths', async () => {
    await openLesson('walk', 'run');
    await settle();
    lessons.setExperimentNumber('1.optimizer.learningRate', 0.5);
    await settle();
    const rates = () => useRuns.getState().runs.map(({ info }) => info.experiment.optimizer.learningRate);
    expect(rates()).toEqual([0.01, 0.5]);
    lessons.setExperimentNumber('optimizer.learningRate', 0.25);
    await settle();
    expect(rates()).toEqual([0.25, 0.25]);
    expect(lessons.numberAt(lesson.steps[1]!, '1.optimizer.learningRate')).toBe(0.02);
    lessons.resetStep();
    await settle();
    expect(rates()).toEqual([0.01, 0.02]);
  });

  test('who changes the form leaves the lesson', async () => {
    await openLesson('walk', 'run');
    await settle();
    edit('name', (draft) => ({ ...draft, name: 'mine' }));
    expect(useLessons.getState().lesson).not.toBeNull();
    edit('function.name', (draft) => ({ ...draft, function: { ...draft.function, name: 'rosenbrock' } }));
    expect(useLessons.getState().lesson).toBeNull();
    await settle();
    expect(heldStage()).toBeNull();
    expect(useLandscape.getState().objective).toMatchObject({ name: 'rosenbrock' });
  });

  test('a recorded run that is opened takes the stage from the lesson', async () => {
    await train();
    const [info] = useRuns.getState().runs.map((run) => run.info);
    await openLesson('walk', 'run');
    await settle();
    fake.handle('run/open', () =>
      ok({ run: { ...info!, id: 'recorded' }, metrics: batchOf('recorded', 0, 3).metrics }),
    );
    await openRecorded({ ...info!, id: 'recorded' });
    await settle();
    expect(useLessons.getState().lesson).toBeNull();
    expect(useRuns.getState().runs.map(({ runId }) => runId)).toEqual(['recorded']);
  });

  test('a quick walk carries out only where it ends', async () => {
    await openLesson('walk');
    goTo(1);
    goTo(2);
    goTo(1);
    await settle();
    expect(started).toBe(2);
  });
});

test('progress is kept: a step is done when one goes on from it', async () => {
  useSettings.setState(({ settings }) => ({ settings: { ...settings, lessons: { last: null, done: {} } } }));
  await openLesson('walk');
  goTo(2);
  expect(useSettings.getState().settings.lessons).toEqual({ last: { name: 'walk', step: 'ask' }, done: { walk: [] } });
  nextStep();
  goTo(0);
  nextStep();
  expect(useSettings.getState().settings.lessons).toEqual({
    last: { name: 'walk', step: 'run' },
    done: { walk: ['ask', 'see'] },
  });
});

test('experiments are told apart by their names, else by optimizer and rate', () => {
  const of = (name: string, optimizer: string, learningRate: number) =>
    experimentSchema.parse({
      ...experiment(learningRate),
      ...(name && { name }),
      optimizer: { name: optimizer, learningRate },
    });
  expect(lessons.labelsOf([of('fast', 'sgd', 1), of('slow', 'sgd', 2)])).toEqual(['fast', 'slow']);
  expect(lessons.labelsOf([of('', 'sgd', 1), of('', 'adam', 1)])).toEqual(['SGD', 'Adam']);
  expect(lessons.labelsOf([of('', 'sgd', 1), of('', 'sgd', 1), of('', 'adam', 2)])).toEqual(['SGD 1', 'SGD 2', 'Adam']);
});
