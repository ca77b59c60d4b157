import { criticalShapes } from '../../../../shared/math/criticalShapes';
import type { CriticalKind } from '../../../../shared/model/landscape';

/** The mark that stands for a kind of point in the scene. */
export function KindMark({ kind }: { kind: CriticalKind }) {
  const points = criticalShapes[kind].map(([x, y]) => `${x},${-y}`).join(' ');
  return (
    <svg className="kind-mark" viewBox="-1.1 -1.1 2.2 2.2" aria-hidden>
      <polygon points={points} />
    </svg>
  );
}
