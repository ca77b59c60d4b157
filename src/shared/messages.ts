import { z } from 'zod';

/**
 * What the engine says to people, in English, which the command line prints; {{values}} are filled in. Other languages
 * have the same under `catalog.message`.
 */
export const messages = {
  onnxNotInstalled: {
    text: 'The onnx executor is not installed: there is no package onnxruntime-node.',
    cure: 'Run npm ci in the folder of Loss Atlas, or choose another executor.',
  },
  onnxNotLoaded: {
    text: 'The onnx executor cannot be loaded on this machine: {{detail}}',
    cure: 'Choose another executor, such as wasm.',
  },
  noGraphicsAdapter: {
    text: 'The webgpu executor finds no graphics adapter: {{detail}}.',
    cure: 'Install the driver of the graphics card (on Linux with Vulkan), or choose another executor.',
  },
  tensorflowNotInstalled: {
    text: 'The tensorflow executor is not installed: there is no package {{gpu}} or {{cpu}}.',
    cure: 'Run npm install --no-save {{cpu}} (with CUDA: {{gpu}}) in the folder of Loss Atlas, which downloads TensorFlow, and start it again; or choose another executor.',
  },
  tensorflowNotLoaded: {
    text: 'The tensorflow executor cannot be loaded on this machine: {{detail}}',
    cure: 'Run npm rebuild {{package}} where TensorFlow can be downloaded, and start Loss Atlas again; or choose another executor, such as onnx.',
  },
  wasmMemoryFull: {
    text: 'The wasm executor needs {{more}} more memory; it holds {{held}} already.',
    cure: 'Use fewer examples (a subset or a smaller batch), a smaller model, or the reference executor.',
  },
  wasmMemoryRefused: {
    text: 'The wasm executor could not reserve 64 MiB of shared memory.',
    cure: 'Choose the reference executor, or give the process more address space.',
  },
  probeNotStarted: { text: 'No process could be started to try it ({{end}}).' },
  probeDiedLoading: {
    text: 'The process that tried it ended while it was loaded ({{end}}){{words}}.',
    cure: 'Update or reinstall the driver or library it uses, or choose another executor.',
  },
  probeDiedMissing: {
    text: 'The process that tried it ended after it was found missing ({{end}}){{words}}.',
    cure: 'Update or reinstall the driver or library it uses, or choose another executor.',
  },
  probeDiedChecking: {
    text: 'The process that tried it ended while it was checked ({{end}}){{words}}.',
    cure: 'Update or reinstall the driver or library it uses, or choose another executor.',
  },
  probeDiedTiming: {
    text: 'The process that tried it ended while it was timed ({{end}}){{words}}.',
    cure: 'Update or reinstall the driver or library it uses, or choose another executor.',
  },
  lacksLayer: { text: 'has no {{layer}}' },
  executorAbsent: { text: 'it is not there' },
  checkFailed: { text: 'its numbers failed their check' },
  cardImitated: { text: 'its graphics card is imitated: {{devices}}' },
  notMeasuredYet: { text: 'it takes part once it has been measured here' },
  executorCannotRun: {
    text: 'The executor {{executor}} {{reason}}: it cannot run this model.',
    cure: 'Choose the executor "auto" or "reference".',
  },
  rowNotRecorded: { text: 'Row {{row}} was not recorded.', cure: 'The path has rows 0 to {{last}}.' },
  nothingRecorded: { text: '"{{run}}" has not recorded anything yet.', cure: 'Wait for its first step.' },
  weightsAllZero: {
    text: 'All weights of row {{row}} are zero, so {{normalization}} normalization gives a direction of length zero.',
    cure: 'Choose normalization "none", or another row as origin.',
  },
  oneParameterVaries: {
    text: 'A plane needs two parameters that may vary; there is only one.',
    cure: 'Keep the biases, or use a model with more parameters.',
  },
  directionLength: {
    text: 'The direction "{{direction}}" has the length {{length}}.',
    cure: 'Choose another direction or another origin.',
  },
  directionInPlane: {
    text: 'The direction "{{direction}}" lies in the plane already.',
    cure: 'Choose another direction or another origin.',
  },
  directionsParallel: {
    text: 'The directions "{{first}}" and "{{second}}" are parallel (cosine {{cosine}}): a line, not a plane.',
    cure: 'Choose a second direction that leads elsewhere.',
  },
  parameterUnknown: { text: 'Parameter {{index}} does not exist.', cure: 'There are {{count}}: 0 to {{last}}.' },
  parameterTwice: { text: 'Parameter {{index}} is chosen for both axes.', cure: 'Choose two different parameters.' },
  csvTooLarge: {
    text: '"{{file}}" has {{bytes}} bytes; a CSV may have {{most}}.',
    cure: 'Store it as .npz instead.',
  },
  csvEmpty: { text: '"{{file}}" is empty.', cure: 'Use a file with one row per example, the target last.' },
  csvOneColumn: {
    text: '"{{file}}" has one column.',
    cure: 'Give every row its features and then its target, separated by commas.',
  },
  csvNoRows: { text: '"{{file}}" has a header and no rows.', cure: 'Add one row per example.' },
  csvRagged: {
    text: 'Row {{row}} of "{{file}}" has {{cells}} cells; row {{first}} has {{columns}}.',
    cure: 'Give every row the same number of cells.',
  },
  csvUnreadable: { text: '"{{file}}" cannot be read as CSV: {{detail}}.' },
  cellEmpty: {
    text: 'Row {{row}}, column {{column}} of "{{file}}" is empty.',
    cure: 'Fill the cell or leave the row out; nothing is guessed.',
  },
  cellNotNumber: {
    text: 'Row {{row}}, column {{column}} of "{{file}}" is "{{cell}}", not a finite number.',
    cure: 'Correct the cell or leave the row out.',
  },
  cellNotClass: {
    text: 'Row {{row}}, column {{column}} of "{{file}}" is {{cell}}, not a class.',
    cure: 'Use whole numbers or names, or read the target as a number.',
  },
  npzShapeOfX: {
    text: 'The array x of "{{file}}" has shape {{shape}}.',
    cure: 'Store x as [examples, features] or [examples, channels, height, width].',
  },
  npzRowsDiffer: {
    text: '"{{file}}" has {{rows}} rows in x, shape {{x}}, and y has shape {{y}}.',
    cure: 'Give x and y one row per example each.',
  },
  npzNoArray: {
    text: '"{{file}}" has no array "{{wanted}}"; its arrays: {{known}}.',
    cure: 'Save it with np.savez(file, x=…, y=…).',
  },
  npzNotFinite: {
    text: '{{element}} of "{{file}}" is {{value}}.',
    cure: 'Correct the value or leave the example out; nothing is guessed.',
  },
  noExamples: { text: 'The data hold no examples.', cure: 'Use a file with at least one row of numbers.' },
  learningRateNotPositive: {
    text: 'The learning rate {{value}} is not a positive number.',
    cure: 'Use a number above 0.',
  },
  batchTooLarge: {
    text: 'The batch size {{batchSize}} is larger than the {{examples}} training examples.',
    cure: 'Use at most {{examples}}, or "full".',
  },
  searchClips: {
    text: '{{optimizer}} cannot clip the gradient: its steps would not fit the loss it evaluates.',
    cure: 'Leave clipping out; a smaller learning rate shortens the steps.',
  },
  searchDecays: {
    text: '{{optimizer}} cannot use weight decay: it is not part of the loss that its steps evaluate.',
    cure: 'Use the L2 term of the objective instead, which is.',
  },
  searchInexact: {
    text: '{{optimizer}} cannot use a gradient that is changed ({{kind}}): it would not fit the loss it evaluates.',
    cure: 'Use a sample or minibatches, whose loss its steps evaluate too.',
  },
  matrixTooLarge: {
    text: '{{optimizer}} keeps a dense matrix, too large for {{parameters}} parameters.',
    cure: 'Use it up to {{most}} parameters, or lbfgs.',
  },
} as const satisfies Record<string, { text: string; cure?: string }>;

type Messages = typeof messages;
export type MessageKey = keyof Messages;

type Named<Text> = Text extends `${string}{{${infer Name}}}${infer Rest}` ? Name | Named<Rest> : never;
type Cure<K extends MessageKey> = Messages[K] extends { cure: infer Text } ? Text : '';
/** Of a message, by the names in its texts. */
export type MessageValues<K extends MessageKey> = Record<Named<Messages[K]['text'] | Cure<K>>, string | number>;

/** Which message and its values: what another language needs. A key of another version is passed over. */
export const saidSchema = z.strictObject({
  key: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Said = z.infer<typeof saidSchema>;

/** A message in English, with what another language needs. */
export interface Message {
  text: string;
  cure: string | null;
  said: Said;
}

export function message<K extends MessageKey>(key: K, values: MessageValues<K>): Message {
  const { text, cure } = messages[key] as { text: string; cure?: string };
  const filled = (template: string) =>
    template.replace(/{{(\w+)}}/g, (_, name: string) => String((values as Said['values'])[name]));
  return { text: filled(text), cure: cure === undefined ? null : filled(cure), said: { key, values } };
}
