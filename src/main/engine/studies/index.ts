import { unknownName } from '../../../shared/errors';
import type { StudyInfo } from '../../../shared/model/study';
import { adaptiveRules } from './adaptiveRules';
import { amsgradExample } from './amsgradExample';
import { batchCost } from './batchCost';
import { batchNormRates } from './batchNormRates';
import { batchNormScale } from './batchNormScale';
import { batchSharpness } from './batchSharpness';
import { biasCorrection } from './biasCorrection';
import { biasStart } from './biasStart';
import { clipping } from './clipping';
import { conditioning } from './conditioning';
import { continuation } from './continuation';
import { coordinates } from './coordinates';
import { curriculum } from './curriculum';
import { damping } from './damping';
import { decayAgainstL2 } from './decayAgainstL2';
import { earlyStopping } from './earlyStopping';
import { edgeOfStability } from './edgeOfStability';
import { empiricalRisk } from './empiricalRisk';
import { gapAgainstSize } from './gapAgainstSize';
import { gradientNoise } from './gradientNoise';
import { gradientNormTest } from './gradientNormTest';
import { indexAgainstLoss } from './indexAgainstLoss';
import { inexactKinds } from './inexactKinds';
import { layerScales } from './layerScales';
import { lossAndMeasure } from './lossAndMeasure';
import { manyMinima } from './manyMinima';
import { marginGrowth } from './marginGrowth';
import { matrixPowers } from './matrixPowers';
import { momentumRates } from './momentumRates';
import { networkRates } from './networkRates';
import { newtonNoise } from './newtonNoise';
import { noiseFloor } from './noiseFloor';
import { onlineStream } from './onlineStream';
import { perEvaluation } from './perEvaluation';
import { polyak } from './polyak';
import { pretraining } from './pretraining';
import { quadraticSteps } from './quadraticSteps';
import { rateSweep } from './rateSweep';
import { redundancy } from './redundancy';
import { regression } from './regression';
import { saddleEscape } from './saddleEscape';
import { sharedWeights } from './sharedWeights';
import { sharpnessAware } from './sharpnessAware';
import { shuffling } from './shuffling';
import { startMap } from './startMap';
import { startPaths } from './startPaths';
import { stepPrediction } from './stepPrediction';
import { stepSizes } from './stepSizes';
import type { StudyDefinition } from './study';
import { symmetricCopies } from './symmetricCopies';
import { symmetryBreaking } from './symmetryBreaking';
import { timeGradients } from './timeGradients';
import { training } from './training';
import { valley } from './valley';
import { wrongSide } from './wrongSide';
import { zeroOneSurface } from './zeroOneSurface';

export { type StudyContext, type StudyFindings, type StudyObjective, type StudyRun, studyValues } from './study';

/** In the order they are listed. */
const definitions: readonly StudyDefinition[] = [
  training,
  regression,
  lossAndMeasure,
  empiricalRisk,
  gapAgainstSize,
  zeroOneSurface,
  marginGrowth,
  earlyStopping,
  gradientNoise,
  redundancy,
  batchCost,
  newtonNoise,
  batchSharpness,
  shuffling,
  onlineStream,
  conditioning,
  rateSweep,
  stepPrediction,
  symmetricCopies,
  gradientNormTest,
  manyMinima,
  saddleEscape,
  indexAgainstLoss,
  clipping,
  matrixPowers,
  sharedWeights,
  timeGradients,
  noiseFloor,
  inexactKinds,
  wrongSide,
  startMap,
  symmetryBreaking,
  layerScales,
  startPaths,
  biasStart,
  stepSizes,
  momentumRates,
  adaptiveRules,
  networkRates,
  biasCorrection,
  amsgradExample,
  decayAgainstL2,
  quadraticSteps,
  valley,
  damping,
  perEvaluation,
  batchNormRates,
  batchNormScale,
  coordinates,
  polyak,
  pretraining,
  continuation,
  curriculum,
  edgeOfStability,
  sharpnessAware,
];

/** The studies as plain data. */
export const studies: readonly StudyInfo[] = definitions.map(({ run: _, ...info }) => info);

/** @throws UserError (badInput) listing the known names */
export function findStudy(name: string): StudyDefinition {
  const found = definitions.find((study) => study.name === name);
  if (!found) {
    throw unknownName(
      'study',
      name,
      definitions.map((study) => study.name),
    );
  }
  return found;
}
