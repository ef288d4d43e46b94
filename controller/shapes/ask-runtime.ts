/**
 * Runs a probe once, through an agent that is started for it on this machine and is gone afterwards. It needs no bus: load, look, retire.
 */
import { fileCodecs } from '../../mesh/codec/registry.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { ShapeProbe } from '../../partition/probe/shape-probe.ts';
import type { StageFiles } from '../../partition/stage-files.ts';
import { Closers } from '../closers.ts';
import { AgentClient } from '../deploy/agent-client.ts';
import { BlobShelf } from '../deploy/blob-shelf.ts';
import { ControllerServer } from '../deploy/controller-server.ts';
import { deliver } from '../deploy/deliver.ts';
import { LoneAgent } from '../deploy/lone-agent.ts';
import { addModelsService } from '../deploy/models-service.ts';

export interface Asking {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const NAME = 'shapes';
/** Longer than loading may take: nobody renews it. */
const LEASE_MS = 300_000;

/** `files`: the probe's model. Errors: whatever keeps the agent from starting, or the runtime from running the model. */
export async function askRuntime(probe: ShapeProbe, files: StageFiles, { env, now, signal }: Asking): Promise<readonly TensorSpec[]> {
  const closers = new Closers();
  try {
    const { address } = closers.use(await LoneAgent.start({ name: NAME, flags: [], env, signal }));
    const agent = closers.use(new AgentClient(NAME, address));
    const shelf = new BlobShelf();
    const loopback = { insecure: false };
    const server = closers.use(
      await ControllerServer.listen('127.0.0.1:0', loopback, (grpc) => addModelsService(grpc, { shelf, codecs: fileCodecs, now })),
    );
    const model = shelf.add(files);
    await deliver(agent, [model.model, ...Object.values(model.externalData)], server.address, signal, () => {});
    const key = { run: NAME, stage: NAME, epoch: 1n };
    const loaded = await agent.load(
      {
        ...model,
        key,
        inputs: probe.inputs,
        outputs: probe.outputs,
        // As the model is written: an optimization could take tensors away.
        session: { intraOpThreads: 0, spinning: false, graphOptimization: 'disabled' },
        warmupRuns: 1,
        leaseMs: LEASE_MS,
        windowFrames: 1,
        weight: 100,
        fresh: false,
        windowBytes: 0,
        routes: [],
      },
      signal,
    );
    await agent.retire(key.run, key.epoch, signal);
    return loaded.outputs;
  } finally {
    await closers.close();
  }
}
