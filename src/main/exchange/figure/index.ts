export type { FigureAreas, FigureMarks } from './marks';
export { svgToPng } from './png';
export { type FigurePath, renderFigure } from './renderFigure';
