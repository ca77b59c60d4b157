import { UserError } from '../shared/errors';
import { representativeNets } from '../shared/model/executors';
import type { Executor } from './engine/executors/executor';
import { checkExecutor } from './engine/executors/probe/check';
import { timeNetwork } from './engine/executors/probe/speed';
import { graphicsAdapter } from './graphicsAdapter';
import { executorList } from './handlers/executorList';
import type { ProbeMessage, ProbeOptions } from './probeProtocol';

/**
 * Entry of the process in which one executor is tried: a driver that crashes takes down nothing else. It ends by
 * itself, and at once when the engine that started it is gone.
 */
process.once('disconnect', () => process.exit(1));
process.on('SIGINT', () => undefined);

/** Resolves when the message is under way: a crash in what follows must not swallow it. */
const tell = (message: ProbeMessage) =>
  new Promise<void>((sent) => {
    if (process.send) process.send(message, () => sent());
    else sent();
  });

async function probe({ executor: name, kernelsFolder, nets, thorough }: ProbeOptions): Promise<void> {
  const entry = executorList[name];
  let executor: Executor;
  try {
    executor = await entry.make(kernelsFolder);
  } catch (error) {
    const own = error instanceof UserError ? error : null;
    const said = own?.said;
    await tell({
      ...{ type: 'unavailable', reason: own?.message ?? String(error), cure: own?.cure ?? null },
      ...(said && { said }),
    });
    return;
  }
  const { description, precision, details } = executor;
  const adapter = entry.graphics ? graphicsAdapter() : { devices: [], software: false };
  await tell({
    type: 'made',
    report: {
      description,
      precision,
      threads: details?.threads ?? null,
      library: details?.library ?? null,
      kernels: details?.kernels ?? null,
      devices: [...(details?.devices ?? adapter.devices)],
      software: adapter.software,
    },
  });
  if (adapter.software && !thorough) return;
  await tell({ type: 'checked', report: await checkExecutor(executor) });
  // An imitated card is never chosen for its speed; one figure says how slow it is.
  const timed = adapter.software ? representativeNets.slice(0, 1) : representativeNets;
  for (const net of timed.filter((wanted) => nets.includes(wanted))) {
    // What fails here has failed its check, or is a network of another kind: auto does not take it for that.
    const speed = await timeNetwork(executor, net, entry.share).catch(() => null);
    await tell({ type: 'timed', net, speed });
  }
  executor.dispose();
}

await tell({ type: 'started' });
await probe(JSON.parse(process.argv.at(-1) ?? '') as ProbeOptions);
await tell({ type: 'done' });
process.exit(0);
