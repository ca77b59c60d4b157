export { Landscape } from './Landscape';
export { VolumeLandscape } from './volume/VolumeLandscape';
