export { svgToPng } from './png';
export { type FigurePath, renderFigure } from './renderFigure';
