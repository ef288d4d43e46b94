/**
 * `controller run --detach`: hands a run to an agent, waits until frames flow, and goes.
 *
 *     the command line is checked here ──▶ model to the device ──▶ Launch ──▶ its record says "streaming" ──▶ code 0
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { clockOf, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { isOver, type RunRecord, STREAM_OUTPUT } from '../../mesh/run-order.ts';
import type { ResolvedModel } from '../../partition/load.ts';
import { parseSplit } from '../../partition/split-spec.ts';
import { findZooModel } from '../../partition/zoo/catalogue.ts';
import { RunsClient } from '../deploy/runs-client.ts';
import { bringModel } from '../detached/bring-model.ts';
import { chooseHost, MeshRuns } from '../detached/mesh-runs.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { modelFilesOf } from '../files/model-files.ts';
import { prepareRun } from '../run/prepare.ts';
import type { Io } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { orderOfOptions } from './order.ts';
import { runName } from './run-name.ts';
import type { RunOptions } from './run-options.ts';
import { asked } from './usage.ts';

const LOOK_MS = 250;
/** Deaths of its process before it has said anything, from which on there is no hope. */
const DEATHS_MAX = 3;

export async function detach(options: RunOptions, io: Io): Promise<number> {
  const { signal, now } = io;
  const choice = chooseMesh(options, io.env);
  const [input, output] = [placeOf(options.input, '--input'), placeOf(options.output, '--output')];
  const wanted = hostOf([options.at, input.device, output.device]);
  const { resolved, cuts } = await watched(io, (watch) => checked(options, (name) => loadModel(name, io, watch)));
  const plan = options.plan === undefined ? undefined : await readFile(options.plan, 'utf8');
  await using mesh = await MeshRuns.open(choice, signal);
  const devices = await mesh.devices();
  const host = chooseHost(devices, wanted, new Set(options.on));
  const isFile = findZooModel(resolved.name) === undefined;
  const files = isFile ? await modelFilesOf(resolved.path, resolved.model, signal) : undefined;
  const spare = devices.find(({ device, draining }) => !draining && device.name !== host.device.name);
  if (files !== undefined) await bringModel(files, host, spare, io);
  const run = runName(io.wallClock());
  const order = orderOfOptions(options, {
    run,
    model: resolved.name,
    modelFile: files === undefined ? undefined : { model: files.model, externalData: files.externalData },
    cuts,
    plan,
    input: input.path,
    output: output.path,
  });
  using client = new RunsClient(host.device.name, host.device.address);
  await client.launch(order, signal);
  const record = await begun(mesh, client, run, { signal, now });
  return tell(record, options, io);
}

/** Everything that can be found wrong here is. */
async function checked(
  options: RunOptions,
  load: (name: string) => Promise<ResolvedModel>,
): Promise<{ resolved: ResolvedModel; cuts: string }> {
  const { cuts } = parseSplit(options.split, (name) => findZooModel(name) !== undefined || existsSync(name));
  let resolved: ResolvedModel | undefined;
  // The input lies on another machine, which looks at it.
  const wish = { ...options, input: undefined, frames: options.frames ?? 1 };
  await asked(() => prepareRun(wish, async (name) => (resolved = await load(name))));
  return { resolved: resolved!, cuts: cuts.join(',') };
}

interface Place {
  readonly device: string | undefined;
  readonly path: string | undefined;
}

/** `DEV:PATH`, or a path on whatever device keeps the run. */
function placeOf(text: string | undefined, option: string): Place {
  if (text === undefined) return { device: undefined, path: undefined };
  const [, device, path = text] = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63}):(.+)$/.exec(text) ?? [];
  if (option === '--output' && path !== STREAM_OUTPUT && !path.endsWith('.npy')) {
    throw new MeshError('usage', `--output: ${path} does not end in .npy`, { hint: 'DEV:PATH.npy, PATH.npy or stream' });
  }
  return { device, path };
}

function hostOf(named: readonly (string | undefined)[]): string | undefined {
  const devices = [...new Set(named.filter((device) => device !== undefined))];
  if (devices.length > 1) {
    throw new MeshError(
      'usage',
      `--at, --input and --output name ${devices.join(' and ')}; a run is kept by one device, which reads and writes`,
    );
  }
  return devices[0];
}

/** The run's first record from which it is clear that it goes on, or what became of it. Error `failed` when its process never gets that far. */
async function begun(mesh: MeshRuns, client: RunsClient, run: string, { signal, now }: Pick<Io, 'signal' | 'now'>): Promise<RunRecord> {
  const clock = clockOf(now);
  for (;;) {
    const found = await mesh.records.get(run).catch(() => undefined);
    if (found !== undefined && (found.record.state === 'streaming' || isOver(found.record))) return found.record;
    const hosted = (await client.list(signal)).find((each) => each.run === run);
    if (found === undefined && (hosted?.restarts ?? 0) >= DEATHS_MAX) {
      await client.stop(run).catch(() => {});
      throw new MeshError(
        'failed',
        `the run's process on ${client.name} ended before it said anything; its last words:\n${hosted!.lastWords}`,
      );
    }
    await pause(clock, LOOK_MS, signal).catch(() => {
      throw new MeshError('cancelled', `interrupted; run ${run} goes on`, { hint: `controller stop ${run} ends it` });
    });
  }
}

function tell({ order: { run, output }, device, state, error, hint }: RunRecord, { json }: RunOptions, io: Io): number {
  if (state === 'failed' || state === 'stopped') {
    throw new MeshError('failed', state === 'failed' ? error : `run ${run} was stopped`, hint === '' ? {} : { hint });
  }
  const what = state === 'done' ? 'is complete' : 'streams';
  const outputs = output === STREAM_OUTPUT ? `its outputs: controller outputs ${run} --output FILE.npy\n` : '';
  if (json) io.stdout(`${JSON.stringify({ run, device, state })}\n`);
  else
    io.stdout(`run ${run} ${what}; ${device} keeps it\nfollow it: controller attach ${run}   end it: controller stop ${run}\n${outputs}`);
  return 0;
}
