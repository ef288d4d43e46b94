/** `controller stop`: ends a detached run in order, and waits until it has ended. */
import { OutputStreamReader } from '../../mesh/bus/nats-outputs.ts';
import { clockOf, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { isOver, type RunRecord, STREAM_OUTPUT } from '../../mesh/run-order.ts';
import { MeshRuns } from '../detached/mesh-runs.ts';
import { type FoundRun, isAbandoned } from '../detached/run-records.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import type { Command, Io } from './command.ts';
import { needed, parseOptions } from './options.ts';

const usage = 'controller stop RUN [--forget]';

const help = `Ends a detached run in order and waits until it has ended: its stages are retired, its outputs so far are kept.

Usage: ${usage} [--nats URL] [--mesh NAME]

  RUN          a run's name: controller status lists them
  --forget     then removes its record and its stream of outputs from the NATS server; files on devices stay
  --nats URL   the mesh's NATS server (default: NATS_URL)
  --mesh NAME  which mesh of several that share the server (default: default)
`;

const LOOK_MS = 250;
/** How long its last word may take after its agent has said that the process is gone. */
const PATIENCE_MS = 3_000;

export const stopCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('stop', argv, { forget: 'flag', nats: 'text', mesh: 'text' }, 1);
    const run = needed(positionals[0], 'the run', usage);
    await using mesh = await MeshRuns.open(chooseMesh(values, io.env), io.signal);
    const found = await mesh.records.find(run);
    const record = isOver(found.record) ? found.record : await stopped(mesh, found, io);
    if (values.forget === true) await forget(mesh, run);
    const forgotten = values.forget === true ? '; it is forgotten' : '';
    io.stdout(`run ${run} is over: ${record.state} after ${record.next} frames${forgotten}\n`);
    return 0;
  },
};

/** The outputs first: what is left when this is interrupted is still found by name. */
async function forget(mesh: MeshRuns, run: string): Promise<void> {
  const reader = new OutputStreamReader({ connection: () => mesh.bus.connection, name: mesh.subjects.outputs(run) });
  const { revision, record } = await mesh.records.find(run);
  if (record.order.output === STREAM_OUTPUT) {
    await reader.remove().catch((error: unknown) => {
      if (MeshError.from(error).code !== 'not-found') throw error;
    });
  }
  await mesh.records.forget(run, revision);
}

async function stopped(mesh: MeshRuns, { record: { order, device } }: FoundRun, { now, signal }: Io): Promise<RunRecord> {
  const { run } = order;
  const refusal = await askAgent(mesh, device, run, signal);
  const clock = clockOf(now);
  const endMs = now() + PATIENCE_MS;
  for (;;) {
    const found = await mesh.records.find(run);
    if (isOver(found.record)) return found.record;
    // Nobody will write it any more: its process was killed, or its device is gone.
    const isDead = refusal === undefined ? now() > endMs : isAbandoned(found);
    if (isDead) {
      const over: RunRecord = { ...found.record, state: 'stopped', fps: undefined, note: '' };
      await mesh.records.put(over, found.revision);
      return over;
    }
    if (refusal !== undefined && now() > endMs) {
      throw new MeshError(refusal.code, `run ${run} lives, but ${device}, which keeps it, can't be asked to end it: ${refusal.message}`, {
        cause: refusal,
        hint: 'try again in 10 s: a run whose process is silent for so long is marked as stopped',
      });
    }
    await pause(clock, LOOK_MS, signal);
  }
}

/** Why its agent could not be asked, if it could not. */
async function askAgent(mesh: MeshRuns, device: string, run: string, signal: AbortSignal): Promise<MeshError | undefined> {
  try {
    using client = await mesh.clientOf(device);
    await client.stop(run, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return MeshError.from(error);
  }
}
