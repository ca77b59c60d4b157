import type { DatasetInfo } from '../../../shared/model/catalog';
import { generatedDatasetNames } from '../../../shared/model/experiment';
import { describeGenerated, type GeneratedName } from './generate';

const uci = (authors: string) => `UCI Machine Learning Repository; ${authors}`;
const builtin = (info: Omit<DatasetInfo, 'kind' | 'licence'>): DatasetInfo => ({
  ...info,
  kind: 'builtin',
  licence: 'CC BY 4.0',
});

const generatedTitles: Readonly<Record<GeneratedName, string>> = {
  xor: 'XOR',
  blobs: 'Three blobs',
  moons: 'Two moons',
  circles: 'Two circles',
  spirals: 'Two spirals',
  sine: 'Sine (regression)',
  patients: 'Patients, several samples each',
};

/** The datasets an experiment may name; `examples` of the generated ones is the default. */
export const datasets: readonly DatasetInfo[] = [
  builtin({
    name: 'digits',
    title: 'Handwritten digits (8×8)',
    examples: 1_797,
    features: 64,
    classes: 10,
    source: uci('Optical Recognition of Handwritten Digits, test part (E. Alpaydin, C. Kaynak, 1998)'),
  }),
  builtin({
    name: 'iris',
    title: 'Iris',
    examples: 150,
    features: 4,
    classes: 3,
    source: uci('Iris (R. A. Fisher, 1936)'),
  }),
  builtin({
    name: 'wine',
    title: 'Wine',
    examples: 178,
    features: 13,
    classes: 3,
    source: uci('Wine (S. Aeberhard, M. Forina, 1991)'),
  }),
  builtin({
    name: 'breastCancer',
    title: 'Breast cancer (Wisconsin, diagnostic)',
    examples: 569,
    features: 30,
    classes: 2,
    source: uci('Breast Cancer Wisconsin, Diagnostic (Wolberg, Mangasarian, Street, Street, 1995)'),
  }),
  ...generatedDatasetNames.map(
    (name): DatasetInfo => ({
      name,
      kind: 'generated',
      title: generatedTitles[name],
      examples: 400,
      ...describeGenerated(name),
      source: 'Computed from a seed',
      licence: 'none needed',
    }),
  ),
];
