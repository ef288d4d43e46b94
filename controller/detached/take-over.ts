/**
 * Starts a run whose process is dead on another device. The record says who is meant to hold the run; it is changed by compare-and-set, so that of
 * two who take over one does, and the old process, should it not be dead after all, finds out with its next beat.
 */
import { MeshError } from '../../mesh/error.ts';
import { isOver, type RunRecord, STREAM_OUTPUT } from '../../mesh/run-order.ts';
import { RunsClient } from '../deploy/runs-client.ts';
import { duration } from '../text/format.ts';
import { fetchModel } from './bring-model.ts';
import { chooseHost, type MeshRuns } from './mesh-runs.ts';
import { type FoundRun, isAbandoned } from './run-records.ts';

/** Returns the device that keeps it now. Errors: `conflict` when the run is over, lives, is bound to its device, or somebody else was faster. */
export async function takeOver(mesh: MeshRuns, found: FoundRun, at: string | undefined, signal: AbortSignal): Promise<string> {
  const { record, revision, silentMs } = found;
  const { order, device: before } = record;
  if (isOver(record)) throw new MeshError('conflict', `run ${order.run} is over: ${record.state}`);
  if (!isAbandoned(found)) {
    throw new MeshError('conflict', `run ${order.run} lives: its process on ${before} was heard of ${duration(silentMs)} ago`, {
      hint: `controller attach ${order.run} watches it`,
    });
  }
  const devices = await mesh.devices();
  const host = chooseHost(
    devices.filter(({ device }) => device.name !== before || at === before),
    at,
    new Set(order.on),
  );
  refuseBound(record, host.device.name);
  if (order.modelFile !== undefined) {
    const { model, externalData } = order.modelFile;
    const others = devices.filter((each) => each !== host);
    await fetchModel([model, ...externalData.values()], host, others, signal);
  }
  const handed: RunRecord = { ...record, device: host.device.name, incarnation: '', state: 'starting', fps: undefined, note: '' };
  const mine = await mesh.records.put(handed, revision);
  using client = new RunsClient(host.device.name, host.device.address);
  try {
    await client.launch(order, signal);
  } catch (error) {
    await mesh.records.put(record, mine).catch(() => {});
    throw error;
  }
  return host.device.name;
}

function refuseBound({ order: { run, input, output }, device }: RunRecord, host: string): void {
  if (host === device) return;
  const [what, path] = input !== undefined ? ['reads', input] : ['writes', output];
  if (path === undefined || path === STREAM_OUTPUT) return;
  throw new MeshError('conflict', `run ${run} can't leave ${device}: it ${what} ${path} there`, {
    hint: `start the agent on ${device} again: the run goes on by itself`,
  });
}
