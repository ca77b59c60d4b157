import { createReferenceExecutor } from '../../src/main/engine/executors/reference';
import { conformance } from './conformance';

// The suite must pass on the oracle itself, exactly: what it asks for beyond numbers is then known to be answerable.
conformance('reference', async () => createReferenceExecutor(), { value: 0, gradient: 0, product: 0, plane: 0 });
