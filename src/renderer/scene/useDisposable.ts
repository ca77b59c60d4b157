import { useEffect, useState } from 'react';

/** A GPU object that lives as long as the component: made once, disposed of when it goes. */
export function useDisposable<T extends { dispose(): void }>(make: () => T): T {
  const [object] = useState(make);
  useEffect(() => () => object.dispose(), [object]);
  return object;
}
