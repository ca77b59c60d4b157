export { Landscape } from './Landscape';
