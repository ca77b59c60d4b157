import { extname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type FigureOptions, figureOptionsSchema, settingsSchema } from '../../../shared/contract';
import { badInput } from '../../../shared/errors';
import { withEngine } from './engine';
import { openRun, parseNumber } from './input';
import {
  addSurfaceOptions,
  type CommonOptions,
  finish,
  forceOption,
  type SurfaceOptions,
  surfaceRequest,
} from './options';
import { report } from './output';
import { requireFree, writeOutput } from './outputPath';
import type { Terminal } from './terminal';

interface Options extends CommonOptions, SurfaceOptions {
  out: string;
  width: number;
  height?: number;
  dpi: number;
  colorMap: FigureOptions['colorMap'];
  scale: FigureOptions['scale'];
  title?: string;
  critical?: boolean;
  regions: FigureOptions['regions'];
  persistence?: number;
  force?: boolean;
}

export function addFigure(program: Command, terminal: Terminal): void {
  const { colorMap } = settingsSchema.shape;
  const command = program
    .command('figure')
    .description('Draw surface contours and paths as a figure for print: colour bar, axes, legend.')
    .argument('<run...>', '.lossrun folders of the same objective; the first gives the origin')
    .requiredOption('--out <file>', 'the figure, .svg or .png');
  addSurfaceOptions(command)
    .option('--width <mm>', 'outer width: 89 is a journal column, 183 two', parseMillimetres, 89)
    .option('--height <mm>', 'outer height (default: fits the width)', parseMillimetres)
    .option('--dpi <n>', 'resolution of a .png', parseDpi, 300)
    .addOption(new Option('--color-map <name>', 'colours').choices(colorMap.unwrap().options).default('viridis'))
    .addOption(new Option('--scale <kind>', 'of the loss').choices(['auto', 'linear', 'log']).default('auto'))
    .option('--title <text>', 'above the plot')
    .option(
      '--critical',
      'critical points with their ways down: those kept in the runs; of a function, all in the window',
    )
    .addOption(
      new Option(
        '--regions <kind>',
        'borders of basins, of hills, or of plateaus, cliffs, ravines, ridges and saddle regions',
      )
        .choices(figureOptionsSchema.shape.regions.unwrap().options)
        .default('none'),
    )
    .option('--persistence <share>', 'of the range, below which basins are joined', parseNumber)
    .addOption(forceOption())
    .action((paths: string[], options: Options) => figure(terminal, paths, options));
  finish(
    command,
    'atlas figure digits.lossrun --out digits.svg --grid 81 --width 89\natlas figure digits.lossrun --out digits.png --critical --regions basins',
  );
}

const within =
  ({ minValue, maxValue }: { minValue: number | null; maxValue: number | null }, unit: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= minValue! && value <= maxValue!)) {
      throw new InvalidArgumentError(`Give ${minValue} to ${maxValue} ${unit}.`);
    }
    return value;
  };
const parseMillimetres = within(figureOptionsSchema.shape.widthMm.unwrap(), 'mm');
const parseDpi = within(figureOptionsSchema.shape.dpi.unwrap(), 'dots per inch');

async function figure(terminal: Terminal, paths: string[], options: Options): Promise<void> {
  const path = resolve(options.out);
  const format = formatOf(options.out);
  requireFree(path, options.force);
  await withEngine({ terminal, dataFolder: options.dataFolder }, async (engine) => {
    const runs = [];
    for (const run of paths) runs.push(await openRun(engine, run));
    const { bytes, mediaType } = await engine.call('figure/export', {
      ...(await surfaceRequest(engine, runs, options)),
      figure: {
        format,
        widthMm: options.width,
        ...(options.height !== undefined && { heightMm: options.height }),
        dpi: options.dpi,
        colorMap: options.colorMap,
        scale: options.scale,
        criticalPoints: options.critical ? 'all' : 'none',
        regions: options.regions,
        ...(options.persistence !== undefined && { criteria: { persistence: options.persistence } }),
        ...(options.title !== undefined && { title: options.title }),
      },
    });
    writeOutput(path, bytes);
    await report(terminal, options, { path, bytes: bytes.length, mediaType }, [
      `${options.out} (${bytes.length} bytes)`,
    ]);
  });
}

function formatOf(file: string): FigureOptions['format'] {
  const extension = extname(file).toLowerCase();
  if (extension === '.svg') return 'svg';
  if (extension === '.png') return 'png';
  throw badInput(`"${file}" is neither .svg nor .png.`, 'End the name with the format you want.');
}
