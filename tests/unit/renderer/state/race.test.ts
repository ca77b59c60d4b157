import { beforeEach, expect, test, vi } from 'vitest';
import type { FairRace, RaceCell } from '../../../../src/shared/model/race';
import { catalogFixture } from '../catalogFixture';
import { createFakeApi, ok } from '../fakeApi';

const api = vi.hoisted(() => ({ module: {} as Record<string, unknown> }));
vi.mock('../../../../src/renderer/api', () => api.module);
const fake = createFakeApi();
Object.assign(api.module, fake.module);

const { defaultRaceOptions, isOfForm, raceFairly, raceIssues, setRace, useRace } = await import(
  '../../../../src/renderer/state/race'
);
const { raceCsv } = await import('../../../../src/renderer/state/raceExport');
const { defaultDraft } = await import('../../../../src/renderer/state/draft');
const { useCatalog } = await import('../../../../src/renderer/state/catalog');
const { useWorkbench } = await import('../../../../src/renderer/state/workbench');

const cell = (learningRate: number, value: number | null): RaceCell => ({
  ...{ learningRate, failed: value === null ? 1 : 0, mean: value, standardDeviation: null, standardError: null },
  runs: [
    { seed: 7, value, failure: value === null ? 'diverged' : null, steps: 3, evaluations: 4, gradientEvaluations: 4 },
  ],
});

beforeEach(() => {
  fake.reset();
  useRace.setState({ options: defaultRaceOptions, busy: false, live: null, result: null });
  useCatalog.setState({ catalog: catalogFixture });
  useWorkbench.setState({ draft: defaultDraft(catalogFixture) });
});

test.each([
  [{}, []],
  [{ lowest: '0' }, [['lowest', 'tooSmallExclusive']]],
  [{ lowest: '1', highest: '0.1' }, [['highest', 'tooSmall']]],
  [{ perDecade: '20' }, [['perDecade', 'tooManyRates']]],
  [{ rates: 'list', list: ' ' }, [['list', 'required']]],
  [{ rates: 'list', list: '0.1 x, y' }, [['list', 'notANumber']]],
  [{ rates: 'list', list: Array.from({ length: 65 }, (_, i) => i + 1).join() }, [['list', 'tooManyRates']]],
  [
    { tuningSeeds: '0', reportSeeds: '1' },
    [
      ['tuningSeeds', 'tooSmall'],
      ['reportSeeds', 'tooSmall'],
    ],
  ],
  [{ target: 'low' }, []],
  [{ criterion: 'stepsToTarget', target: 'low' }, [['target', 'notANumber']]],
  [{ steps: '1.5' }, [['steps', 'notAnInteger']]],
  [{ startSpread: '101' }, [['startSpread', 'tooBig']]],
] as const)('%j: what is wrong stands beside the field', async (change, expected) => {
  const options = { ...defaultRaceOptions, ...change };
  expect(raceIssues(options, true).map(({ path, key }) => [path, key])).toEqual(expected);
  setRace(change);
  fake.handle('race/fair', () => ({ ok: false, error: { code: 'cancelled', message: '' } }));
  await raceFairly();
  expect(fake.calls.filter(({ method }) => method === 'race/fair')).toHaveLength(expected.length === 0 ? 1 : 0);
});

test('the fields become the request; what is known is shown while it runs; a result is of its fields', async () => {
  setRace({
    rates: 'list',
    list: '0.1, 0.01',
    criterion: 'stepsToTarget',
    target: '0.5',
    steps: '40',
    startSpread: '0',
  });
  const live: (number | undefined)[] = [];
  const race = { entrants: [], warnings: [] } as unknown as FairRace;
  fake.handle('race/fair', (_, { onPartial }) => {
    for (const rate of [0.01, 0.1]) {
      onPartial?.({ stage: 'tuning', optimizer: 0, cell: cell(rate, 3) });
      live.push(useRace.getState().live?.cells.length);
    }
    return ok(race);
  });
  const made = await raceFairly();
  expect(fake.calls.at(-1)?.params).toMatchObject({
    ...{ rates: [0.1, 0.01], criterion: { kind: 'stepsToTarget', target: 0.5 }, tuningSeeds: 3, startSpread: 0 },
    experiment: { training: { stop: { steps: 40 } } },
  });
  expect(fake.calls.at(-1)?.params).not.toHaveProperty('grid');
  expect([live, useRace.getState().live]).toEqual([[1, 2], null]);
  const { draft } = useWorkbench.getState();
  expect(isOfForm(made!, draft!, catalogFixture, useRace.getState().options)).toBe(true);
  setRace({ tuningSeeds: '4' });
  expect(isOfForm(made!, draft!, catalogFixture, useRace.getState().options)).toBe(false);
});

test('every run is a row of the file', () => {
  const race = {
    criterion: { kind: 'validationLoss' },
    entrants: [{ tuning: [cell(0.1, 2), cell(1, null)], learningRate: 0.1, report: cell(0.1, 2.5) }],
  } as unknown as FairRace;
  expect(
    raceCsv({ race, entrants: [{ id: 'a', label: 'SGD', color: 0 }], of: '' })
      .trim()
      .split('\r\n'),
  ).toEqual([
    'stage,optimizer,learningRate,chosen,seed,validationLoss,failure,steps,gradientEvaluations',
    'tuning,SGD,0.1,true,7,2,,3,4',
    'tuning,SGD,1,false,7,,diverged,3,4',
    'report,SGD,0.1,true,7,2.5,,3,4',
  ]);
});
