/**
 * Starts the process of a run on another device: the one before is dead, or has to go. The record says who is meant to hold the run; it is changed by
 * compare-and-set, so that of two who take over one does, and the old process, should it live, finds out with its next beat and stops.
 */
import { MeshError } from '../../mesh/error.ts';
import { isOver, type RunRecord, STREAM_OUTPUT } from '../../mesh/run-order.ts';
import { RunsClient } from '../deploy/runs-client.ts';
import { duration } from '../text/format.ts';
import { fetchModel } from './bring-model.ts';
import { chooseHost, type MeshRuns } from './mesh-runs.ts';
import { type FoundRun, isAbandoned, type RunRecords } from './run-records.ts';

/** A process that lives writes once a second: the second try is between two of its beats, as a rule. */
const HAND_TRIES = 5;

export interface TakeOverOptions {
  /** The device; undefined: one that has nothing to do. */
  readonly at: string | undefined;
  /** Also a run that lives. */
  readonly alive: boolean;
  readonly signal: AbortSignal;
}

/** Returns the device that keeps it now. Errors: `conflict` when the run is over, lives, is bound to its device, or somebody else was faster. */
export async function takeOver(mesh: MeshRuns, found: FoundRun, options: TakeOverOptions): Promise<string> {
  const { at, signal } = options;
  refuseSettled(found, options);
  const { order, device: before } = found.record;
  const devices = await mesh.devices();
  const host = chooseHost(
    devices.filter(({ device }) => device.name !== before || at === before),
    at,
    new Set(order.on),
  );
  refuseBound(found.record, host.device.name);
  if (order.modelFile !== undefined) {
    const { model, externalData } = order.modelFile;
    const others = devices.filter((each) => each !== host);
    await fetchModel([model, ...externalData.values()], host, others, signal);
  }
  const { record, revision } = await hand(mesh.records, found, host.device.name, options);
  using client = new RunsClient(host.device.name, host.device.address);
  try {
    await client.launch(order, signal);
  } catch (error) {
    await mesh.records.put(record, revision).catch(() => {});
    throw error;
  }
  return host.device.name;
}

/** Writes who is to hold the run. Returns what it took its place of, and the revision it has. */
async function hand(
  records: RunRecords,
  first: FoundRun,
  device: string,
  options: TakeOverOptions,
): Promise<Pick<FoundRun, 'record' | 'revision'>> {
  for (let found = first, tries = 1; ; tries += 1) {
    const { record, revision } = found;
    const handed: RunRecord = { ...record, device, incarnation: '', state: 'starting', fps: undefined, note: '' };
    try {
      return { record, revision: await records.put(handed, revision) };
    } catch (error) {
      // A process that lives has written its next beat meanwhile.
      if (!options.alive || tries === HAND_TRIES || MeshError.from(error).code !== 'conflict') throw error;
      found = await records.find(record.order.run);
      refuseSettled(found, options);
      if (found.record.device !== first.record.device) throw error;
    }
  }
}

/** It is over, or works as it is. */
function refuseSettled(found: FoundRun, { alive }: TakeOverOptions): void {
  const { record, silentMs } = found;
  const { run } = record.order;
  if (isOver(record)) throw new MeshError('conflict', `run ${run} is over: ${record.state}`);
  if (alive || isAbandoned(found)) return;
  throw new MeshError('conflict', `run ${run} lives: its process on ${record.device} was heard of ${duration(silentMs)} ago`, {
    hint: `controller attach ${run} watches it; with --at DEV as well it is moved all the same`,
  });
}

function refuseBound({ order: { run, input, output }, device }: RunRecord, host: string): void {
  if (host === device) return;
  const [what, path] = input !== undefined ? ['reads', input] : ['writes', output];
  if (path === undefined || path === STREAM_OUTPUT) return;
  throw new MeshError('conflict', `run ${run} can't leave ${device}: it ${what} ${path} there`, {
    hint: `start the agent on ${device} again: the run goes on by itself`,
  });
}
