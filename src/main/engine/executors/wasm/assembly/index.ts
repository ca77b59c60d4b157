export { activate, activateGrad, activateGrad2 } from './activations';
export { correlate, correlateWeights } from './convolution';
export { loss, lossGrad2 } from './losses';
export { dense, gather, outer, packTiles, sumRows } from './products';
export { runTape } from './tape';
export { attach, help, run } from './threads';
