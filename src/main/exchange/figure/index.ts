export { svgToPng } from './png';
export { type FigurePath, type FigureSource, renderFigure } from './renderFigure';
