import type { DoctorReport, ExecutorReport, ExecutorSelection } from '../model/executors';
import { formatNumber } from './numbers';

/** A duration as people say it: 25 µs, 2.1 ms, 1.3 s. */
export function formatDuration(seconds: number, digits = 3): string {
  if (seconds < 1e-3) return `${formatNumber(seconds * 1e6, digits)} µs`;
  if (seconds < 1) return `${formatNumber(seconds * 1e3, digits)} ms`;
  return `${formatNumber(seconds, digits)} s`;
}

/** Why an executor was chosen, in English, as the end of "onnx (CPU, 2 threads) — …". */
export function selectionText({ by, per, estimates: [first, ...others], passedOver }: ExecutorSelection): string {
  const reason = ((): string => {
    switch (by) {
      case 'asked':
        return 'asked for';
      case 'preferred':
        return 'preferred in the settings';
      case 'measured':
      case 'typical': {
        if (!first) return 'nothing else can run this network';
        const slower = others.map(({ executor, seconds }) => `${executor} ${formatDuration(seconds, 2)}`);
        const time = `about ${formatDuration(first.seconds, 2)} per ${per}`;
        const known =
          by === 'measured' ? `${time} by what was measured here` : `${time} typically (not measured here yet)`;
        return [known, ...slower].join(', ');
      }
      default:
        return by satisfies never;
    }
  })();
  return [reason, ...passedOver.map(({ executor, reason: why }) => `${executor}: ${why}`)].join('; ');
}

/** What `atlas doctor` prints and the app copies, as lines. */
export function doctorText({ machine, executors, choices, measuredAt }: DoctorReport): string[] {
  const { cpu, cores, memoryBytes, platform, node, v8, electron, version, dataFolder, kernels } = machine;
  return [
    `Loss Atlas ${version} on ${platform}`,
    `  ${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    `  Node ${node}, V8 ${v8}${electron ? `, Electron ${electron}` : ''}; kernels: ${kernels ?? 'none'}`,
    `  ${dataFolder} ${machine.dataFolderWritable ? 'can be written' : 'CANNOT be written'}`,
    '',
    ...executors.flatMap(executorText),
    measuredAt ? `Measured ${measuredAt}. What auto takes:` : 'Not all of it could be measured. What auto takes:',
    ...choices.flatMap(({ model, examples, gradient, point }) => [
      `  ${model} on ${examples} examples`,
      `    gradients: ${gradient.description} — ${selectionText(gradient.selection)}`,
      `    surfaces: ${point.description} — ${selectionText(point.selection)}`,
    ]),
  ];
}

function executorText(report: ExecutorReport): string[] {
  const { name, state, description, reason, cure, precision, library, devices, checks, unchecked, speeds } = report;
  if (state !== 'available') return [`${name}: ${state}`, `  ${[reason, cure].filter(Boolean).join(' ')}`, ''];
  const facts = [precision, library && `${library.name} ${library.version}`, ...devices].filter(Boolean);
  return [
    `${description}`,
    `  ${facts.join(', ')}`,
    ...checks.map(
      ({ net, quantity, error, tolerance, passed, message }) =>
        `  ${passed ? 'passed' : 'FAILED'}  ${net} ${quantity === 'gradient' ? 'gradient' : 'Hessian product'}: ${message ?? `relative error ${error?.toExponential(1) ?? 'not finite'} (tolerance ${tolerance.toExponential(0)})`}`,
    ),
    ...unchecked.map(({ net, reason: why }) => `  not run  ${net}: ${name} ${why}`),
    ...speeds.map(
      ({ net, gradient, point, examples, measured }) =>
        `  ${net}: gradient ${formatDuration(gradient)}, point of a surface ${formatDuration(point)}${measured < examples ? ` (from ${measured} of ${examples} examples)` : ''}`,
    ),
    '',
  ];
}
