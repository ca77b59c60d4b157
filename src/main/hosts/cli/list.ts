import { Argument, type Command } from 'commander';
import type { Catalog } from '../../../shared/model/catalog';
import { withEngine } from './engine';
import { type CommonOptions, finish } from './options';
import { report, table } from './output';
import type { Terminal } from './terminal';

const subjects = ['functions', 'datasets', 'optimizers', 'experiments', 'studies', 'runs'] as const;
type Subject = (typeof subjects)[number];

export function addList(program: Command, terminal: Terminal): void {
  const command = program
    .command('list')
    .description('What there is to train, train on and train with.')
    .addArgument(new Argument('<what>', 'what to list').choices(subjects))
    .action((subject: Subject, options: CommonOptions) => list(terminal, subject, options));
  finish(command, 'atlas list optimizers');
}

async function list(terminal: Terminal, subject: Subject, options: CommonOptions): Promise<void> {
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    if (subject === 'runs') {
      const runs = await engine.call('run/list', {});
      const rows = runs.map(({ id, experiment, outcome, rows, createdAt }) => [
        id,
        experiment.name,
        outcome.kind,
        rows,
        createdAt,
      ]);
      await report(terminal, options, runs, table(['id', 'experiment', 'outcome', 'rows', 'created'], rows));
      return;
    }
    const catalog = await engine.call('catalog/get', {});
    await report(terminal, options, catalog[subject], describe(catalog, subject));
  });
}

function describe(catalog: Catalog, subject: Exclude<Subject, 'runs'>): string[] {
  switch (subject) {
    case 'functions':
      return table(
        ['name', 'expression', 'start'],
        catalog.functions.map(({ name, expression, start }) => [name, expression, start.join(', ')]),
      );
    case 'datasets':
      return table(
        ['name', 'kind', 'examples', 'features', 'classes', 'title'],
        catalog.datasets.map(({ name, kind, examples, features, classes, title }) => [
          name,
          kind,
          examples,
          features,
          classes,
          title,
        ]),
      );
    case 'optimizers':
      return table(
        ['name', 'learning rate', 'settings', 'source'],
        catalog.optimizers.map(({ name, defaultLearningRate, parameters, source }) => [
          name,
          defaultLearningRate,
          parameters.map((parameter) => `${parameter.name} ${parameter.default}`).join(', '),
          source,
        ]),
      );
    case 'experiments':
      return table(
        ['name', 'title'],
        catalog.experiments.map(({ name, title }) => [name, title]),
      );
    case 'studies':
      return table(
        ['name', 'parameters', 'title'],
        catalog.studies.map(({ name, parameters, title }) => [name, Object.keys(parameters).join(', '), title.en]),
      );
    default:
      return subject satisfies never;
  }
}
