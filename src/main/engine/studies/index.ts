import { unknownName } from '../../../shared/errors';
import type { StudyInfo } from '../../../shared/model/study';
import { batchCost } from './batchCost';
import { batchNormRates } from './batchNormRates';
import { batchNormScale } from './batchNormScale';
import { batchSharpness } from './batchSharpness';
import { clipping } from './clipping';
import { conditioning } from './conditioning';
import { continuation } from './continuation';
import { coordinates } from './coordinates';
import { curriculum } from './curriculum';
import { damping } from './damping';
import { edgeOfStability } from './edgeOfStability';
import { empiricalRisk } from './empiricalRisk';
import { gradientNoise } from './gradientNoise';
import { gradientNormTest } from './gradientNormTest';
import { indexAgainstLoss } from './indexAgainstLoss';
import { manyMinima } from './manyMinima';
import { momentumRates } from './momentumRates';
import { newtonNoise } from './newtonNoise';
import { onlineStream } from './onlineStream';
import { perEvaluation } from './perEvaluation';
import { polyak } from './polyak';
import { pretraining } from './pretraining';
import { quadraticSteps } from './quadraticSteps';
import { rateSweep } from './rateSweep';
import { redundancy } from './redundancy';
import { regression } from './regression';
import { saddleEscape } from './saddleEscape';
import { sharpnessAware } from './sharpnessAware';
import { shuffling } from './shuffling';
import { startMap } from './startMap';
import { stepPrediction } from './stepPrediction';
import { stepSizes } from './stepSizes';
import type { StudyDefinition } from './study';
import { symmetricCopies } from './symmetricCopies';
import { training } from './training';
import { valley } from './valley';
import { wrongSide } from './wrongSide';

export { type StudyContext, type StudyFindings, type StudyObjective, type StudyRun, studyValues } from './study';

/** In the order they are listed. */
const definitions: readonly StudyDefinition[] = [
  training,
  regression,
  empiricalRisk,
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
  wrongSide,
  startMap,
  stepSizes,
  momentumRates,
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
