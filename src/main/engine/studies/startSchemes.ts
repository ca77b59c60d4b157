import type { InitializerSpec } from '../../../shared/model/experiment';
import type { Words } from '../../../shared/model/words';

/** Connections of the sparse start, and what makes the variances of their weights sum to 1. */
const connections = 15;

/** Ways to draw the weights that the studies of initialization compare. */
export const startSchemes: readonly { key: string; label: Words; weights: InitializerSpec }[] = [
  { key: 'zeros', label: { en: 'Zeros', ko: '0' }, weights: { name: 'zeros' } },
  {
    key: 'small',
    label: { en: 'Too small, N(0, 0.01²)', ko: '너무 작음, N(0, 0.01²)' },
    weights: { name: 'normal', scale: 0.01 },
  },
  { key: 'large', label: { en: 'Too large, N(0, 1)', ko: '너무 큼, N(0, 1)' }, weights: { name: 'normal', scale: 1 } },
  { key: 'glorot', label: { en: 'Glorot', ko: 'Glorot' }, weights: { name: 'glorotUniform' } },
  { key: 'he', label: { en: 'He', ko: 'He' }, weights: { name: 'heNormal' } },
  { key: 'orthogonal', label: { en: 'Orthogonal', ko: '직교' }, weights: { name: 'orthogonal' } },
  {
    key: 'sparse',
    label: { en: 'Sparse, 15 connections', ko: '희소, 연결 15개' },
    weights: { name: 'sparse', connections, scale: 1 / Math.sqrt(connections) },
  },
];
