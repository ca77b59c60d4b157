import type { FieldIssue } from '../../../state/compile';
import { recompute, setOptions, stageRuns, useLandscape } from '../../../state/landscape';
import { issueOfPlane, type PlaneChoice, planeIssues } from '../../../state/planeChoice';
import { useRuns } from '../../../state/runs';

/** The plane's settings as controls need them: what is chosen, what is wrong with it, and how it changes. */
export function usePlaneForm() {
  const options = useLandscape((state) => state.options);
  const error = useLandscape((state) => state.planeError);
  const runs = useRuns((state) => state.runs);
  useRuns((state) => state.revision);
  const issues = planeIssues(options, stageRuns());
  if (error) issues.push(issueOfPlane(error, options));
  return {
    options,
    runs,
    issueOf: (path: string): FieldIssue | null => issues.find((issue) => issue.path === path) ?? null,
    /** A choice is computed at once. */
    choose(change: Partial<PlaneChoice>) {
      setOptions(change);
      void recompute();
    },
    /** What is typed is computed with Enter. */
    type: (change: Partial<PlaneChoice>) => setOptions(change),
    enter: () => void recompute(),
  };
}
export type PlaneForm = ReturnType<typeof usePlaneForm>;
