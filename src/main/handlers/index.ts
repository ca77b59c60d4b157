import type { Handlers } from '../router';
import type { Services } from '../services';
import { createAppHandlers } from './app';
import { createConnectionHandlers } from './connection';
import { createCriticalHandlers } from './critical';
import { createCurvatureHandlers } from './curvature';
import { createDataHandlers } from './data';
import { createFigureHandlers } from './figure';
import { createLandscapeHandlers } from './landscape';
import { createLessonHandlers } from './lessons';
import { createLintHandlers } from './lint';
import { createMarginHandlers } from './margins';
import { createMotionHandlers } from './motion';
import { createPlaneService } from './planes';
import { createRaceHandlers } from './race';
import { createRunHandlers } from './runs';
import { createSectionHandlers } from './sections';
import { createStudyHandlers } from './studies';

/** One handler per request of the contract. */
export function createHandlers(services: Services): Handlers {
  const planes = createPlaneService(services);
  return {
    ...createAppHandlers(services),
    ...createDataHandlers(services),
    ...createRunHandlers(services, planes),
    ...createMarginHandlers(services),
    ...createMotionHandlers(services, planes),
    ...createLandscapeHandlers(services, planes),
    ...createCriticalHandlers(services, planes),
    ...createLintHandlers(services, planes),
    ...createConnectionHandlers(services),
    ...createRaceHandlers(services),
    ...createStudyHandlers(services),
    ...createLessonHandlers(services),
    ...createSectionHandlers(services, planes),
    ...createCurvatureHandlers(services),
    ...createFigureHandlers(services, planes),
  };
}
