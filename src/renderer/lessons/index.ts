export { LessonExtras } from './LessonExtras';
export { LessonLibrary } from './LessonLibrary';
export { LessonPane } from './LessonPane';
export { LessonStage, OneChart } from './LessonStage';
