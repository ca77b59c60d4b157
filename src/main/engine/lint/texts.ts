import type { LintRule } from '../../../shared/model/lint';

/** What each rule says: the objection, why it matters, what its cure does. */
export const lintTexts: Record<LintRule, { title: string; why: string; cure: string }> = {
  pathSmall: {
    title: 'The path fills little of the window.',
    why: 'At this scale the surface shows where the optimizer never was, and not the shape it followed.',
    cure: 'Fit the window to the path.',
  },
  pathLeaves: {
    title: 'The path leaves the window.',
    why: 'What happens outside is left out without a word, often the start with its high loss.',
    cure: 'Widen the window to hold the path.',
  },
  unnormalized: {
    title: 'The random directions are not normalized.',
    why: 'Layers with small weights are moved much farther than others, so that sharpness depends on the scale of the weights (Li et al. 2018).',
    cure: 'Normalize by filter.',
  },
  staleStatistics: {
    title: 'Batch norm reads statistics of other weights.',
    why: 'Running statistics belong to the point they were taken at; elsewhere they draw cliffs that are not there.',
    cure: 'Recompute the statistics at every point.',
  },
  lowExplained: {
    title: 'The plane holds less than half of the path.',
    why: 'Most of the way the optimizer took is square to the picture, which then says little about it.',
    cure: 'Use the plane that holds most of the path (PCA).',
  },
  maskedCells: {
    title: 'The loss is not finite in part of the window.',
    why: 'Gaps look like missing data; the range of colours and heights is that of the rest alone.',
    cure: 'Shrink the window to where the loss is finite.',
  },
  subsetWithoutBand: {
    title: 'The surface is an estimate from a subset, drawn without its error.',
    why: 'A bump lower than the standard error may be the noise of the examples drawn.',
    cure: 'Use all examples.',
  },
  obliqueAxes: {
    title: 'The axes are not square to each other.',
    why: 'Angles and distances are distorted: round basins look like ravines.',
    cure: 'Draw the same plane on unit square axes.',
  },
  largeResidual: {
    title: 'The path is farther from the plane than it is long in it.',
    why: 'Points drawn on the surface are shadows of points that lie elsewhere.',
    cure: 'Use the plane that holds most of the path (PCA).',
  },
  sliceFarFromPath: {
    title: 'Along the path the slice is far from the true loss.',
    why: 'A path laid on this surface seems to cross heights the optimizer never saw.',
    cure: 'Use the plane that holds most of the path (PCA).',
  },
};
