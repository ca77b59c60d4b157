import { toJson } from '../../shared/json';
import { saveFile } from '../api';
import { type Cell, csvText } from './csv';
import { fileName } from './figure';
import type { RacedForm } from './race';

/** Saves a race. Returns the file's name; null when cancelled. */
export function exportRace(of: RacedForm, format: 'csv' | 'json', name: string): Promise<string | null> {
  const text = format === 'csv' ? raceCsv(of) : `${toJson(of.race)}\n`;
  return saveFile(`${fileName(name)}-race.${format}`, new TextEncoder().encode(text));
}

/** One row per run, those of the tuning first. */
export function raceCsv({ race, entrants }: RacedForm): string {
  const rows = (['tuning', 'report'] as const).flatMap((stage) =>
    race.entrants.flatMap(({ tuning, report, learningRate: chosen }, i) => {
      const cells = stage === 'tuning' ? tuning : report ? [report] : [];
      return cells.flatMap(({ learningRate, runs }) =>
        runs.map(({ seed, value, failure, steps, gradientEvaluations }): Cell[] => [
          ...[stage, entrants[i]!.label, learningRate, learningRate === chosen],
          ...[seed, value, failure, steps, gradientEvaluations],
        ]),
      );
    }),
  );
  return csvText([
    [
      ...['stage', 'optimizer', 'learningRate', 'chosen'],
      ...['seed', race.criterion.kind, 'failure', 'steps', 'gradientEvaluations'],
    ],
    ...rows,
  ]);
}
