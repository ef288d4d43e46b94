/**
 * `controller hosted FOLDER`: the process of a detached run, started and kept alive by an agent.
 *
 *     FOLDER/order.pb ──▶ claim the run ──▶ go on where its outputs end ──▶ a run like any other ──▶ last word, code 0
 *
 * It listens to its standard input: "stop" ends the run in order; its end means that the agent is gone, and this process goes, too. Any other code
 * than 0 means that it died and is to be started again.
 */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeAck } from '../../mesh/bus/messages.ts';
import type { NatsBus } from '../../mesh/bus/nats.ts';
import { OutputStreamWriter } from '../../mesh/bus/nats-outputs.ts';
import { NatsRegistry } from '../../mesh/bus/nats-registry.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import { clockOf } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { firstEpoch, type RunOrder, STREAM_OUTPUT } from '../../mesh/run-order.ts';
import { decodeRunOrder } from '../../mesh/wire-run.ts';
import { ContinuedOutput, type ContinuedTarget } from '../detached/continued-output.ts';
import { Holder } from '../detached/holder.ts';
import { RunRecords } from '../detached/run-records.ts';
import { StreamOutput } from '../detached/stream-output.ts';
import { joinMesh } from '../devices/mesh-choice.ts';
import { NpyOutput } from '../run/npy-output.ts';
import { npyInputFiles } from '../run/open-input.ts';
import type { PreparedRun } from '../run/prepare.ts';
import type { RunEvent } from '../run/run-events.ts';
import type { Verification } from '../run/verify.ts';
import type { Command, Io } from './command.ts';
import { needed, parseOptions, wholeNumber } from './options.ts';
import { optionsOfOrder } from './order.ts';
import { outcomeOf, runSplit } from './run.ts';
import { type Continuation, recorded, withMesh } from './run-setup.ts';
import { Speedometer } from './speedometer.ts';

const usage = 'controller hosted FOLDER --device NAME --mesh NAME [--insecure] [--deaths N]';

/** As the agent has it: the process that is started after so many deaths only says so. */
const DEATHS_MAX = 10;

export const hostedCommand: Command = {
  help: `The process of a detached run. Agents start it; see controller run --detach.\n\nUsage: ${usage}\n`,
  async run(argv, io) {
    const kinds = { device: 'text', mesh: 'text', insecure: 'flag', deaths: 'text' } as const;
    const { values, positionals } = parseOptions('hosted', argv, kinds, 1);
    const folder = needed(positionals[0], 'the folder', usage);
    const device = needed(values.device, '--device', usage);
    const mesh = needed(values.mesh, '--mesh', usage);
    const deaths = wholeNumber('--deaths', values.deaths ?? '0', 0);
    const order = decodeRunOrder(await readFile(join(folder, 'order.pb')));
    const { bus, subjects } = await joinMesh({ nats: needed(io.env.NATS_URL, 'NATS_URL', usage), mesh }, () => {});
    try {
      const holder = await claim({ folder, device, order, bus, subjects }, io);
      if (holder === undefined) return 0;
      const told = listen(io, holder);
      if (deaths >= DEATHS_MAX) return await giveUp(folder, holder);
      return await hold({ order, folder, mesh, holder, told, bus, subjects, insecure: values.insecure === true }, io);
    } finally {
      await bus.close();
    }
  },
};

interface Claimed {
  readonly folder: string;
  readonly device: string;
  readonly order: RunOrder;
  readonly bus: NatsBus;
  readonly subjects: Subjects;
}

async function claim({ folder, device, order, bus, subjects }: Claimed, io: Io): Promise<Holder | undefined> {
  const termFile = join(folder, 'term');
  const holder = await Holder.claim({
    records: new RunRecords(new NatsRegistry(() => bus.connection, subjects.runsBucket)),
    order,
    device,
    incarnation: randomUUID(),
    termKnown: Number(await readFile(termFile, 'utf8').catch(() => '0')),
    clock: clockOf(io.now),
    wallClock: io.wallClock,
  });
  // Before anything is loaded in its epochs: also without the registry no later process uses them again.
  if (holder !== undefined) await writeFile(termFile, String(holder.record.term), { flush: true });
  return holder;
}

/** Why the process ends before the run is complete. */
interface Told {
  readonly signal: AbortSignal;
  readonly stopped: () => boolean;
}

function listen({ stdin, signal }: Io, { replaced }: Holder): Told {
  const ending = new AbortController();
  let stopped = false;
  createInterface({ input: stdin })
    .on('line', (line) => {
      if (line !== 'stop' || ending.signal.aborted) return;
      stopped = true;
      ending.abort(new MeshError('cancelled', 'stopped'));
    })
    .on('close', () => ending.abort(new MeshError('cancelled', 'its agent has gone')));
  return { signal: AbortSignal.any([signal, replaced, ending.signal]), stopped: () => stopped };
}

/** It was started only to say that it is not started any more. */
async function giveUp(folder: string, holder: Holder): Promise<number> {
  const words = await readFile(join(folder, 'last-words'), 'utf8').catch(() => '');
  await holder.finish({
    state: 'failed',
    error: `its process died ${DEATHS_MAX} times in a row; its last words:\n${words}`,
    fps: undefined,
  });
  return 0;
}

interface Hold extends Omit<Claimed, 'device'> {
  readonly mesh: string;
  readonly insecure: boolean;
  readonly holder: Holder;
  readonly told: Told;
}

async function hold(held: Hold, io: Io): Promise<number> {
  const { order, folder, mesh, holder, told, bus, subjects, insecure } = held;
  const options = optionsOfOrder(order, folder, { mesh, insecure });
  const acks = bus.subscribe(subjects.ack(order.run), (payload) => holder.say({ epoch: decodeAck(payload).epoch }));
  const ownIo: Io = { ...io, stdin: io.stdin, signal: told.signal };
  try {
    const { report } = await withMesh(
      options,
      ownIo,
      { watch: (event) => noteEvent(event, holder, io) },
      (setup) => recorded(setup.first, setup.tools, () => runSplit(setup, options), outcomeOf),
      continuation(held, io),
    );
    await holder.finish({ state: 'done', report: JSON.stringify(report), note: '', fps: undefined });
    return 0;
  } catch (error) {
    return await ended(error, held);
  } finally {
    acks.close();
    await holder.close();
  }
}

/** What is written when it did not get to its end. */
async function ended(thrown: unknown, { holder, told }: Hold): Promise<number> {
  const error = MeshError.from(thrown);
  if (holder.replaced.aborted) return 0;
  if (told.stopped()) {
    await holder.finish({ state: 'stopped', note: '', fps: undefined });
    return 0;
  }
  // The agent has gone, or will start it again. A device that does not answer may only be slow to come back, like this one.
  const unanswered = error.code === 'unreachable' || error.code === 'timeout';
  if (told.signal.aborted || (unanswered && holder.record.term > 1)) throw error;
  await holder.finish({ state: 'failed', error: error.message, hint: error.hint ?? '', note: '', fps: undefined });
  return 0;
}

function continuation(held: Hold, io: Io): Continuation {
  const { order, holder, told } = held;
  const { verification } = holder.record;
  return {
    run: order.run,
    model: order.model,
    epoch: firstEpoch(holder.record.term),
    open: async (prepared) => {
      const target = await openTarget(held, prepared, io);
      // Without outputs nothing is written twice: what was committed since the record was written is computed again.
      const first = target === undefined ? holder.record.next : BigInt(target.next);
      holder.say({ frames: prepared.frames, next: first });
      const speed = new Speedometer(io.now);
      const committed = (next: bigint): void => holder.say({ next, fps: speed.at(Number(next)), state: 'streaming' });
      return { output: new ContinuedOutput(target, first, committed, told.stopped), first };
    },
    verified: verification === '' ? undefined : (JSON.parse(verification) as Verification),
    onVerified: (found) => holder.say({ verification: JSON.stringify(found) }),
  };
}

async function openTarget(
  { order, holder, told, bus, subjects }: Hold,
  prepared: PreparedRun,
  io: Io,
): Promise<ContinuedTarget | undefined> {
  const { output, input, run, keepFrames } = order;
  if (output === undefined) return undefined;
  const { term } = holder.record;
  if (output === STREAM_OUTPUT) {
    const connection = () => bus.connection;
    const onLost = (): void => holder.say({ note: `the NATS server lost its store: outputs before frame ${holder.record.next} are gone` });
    const writer = await OutputStreamWriter.open({ connection, name: subjects.outputs(run), run, term, keepFrames, onLost });
    return new StreamOutput({
      writer,
      clock: clockOf(io.now),
      signal: told.signal,
      onWait: (note) => holder.say({ note }),
      onReplaced: () => holder.replace(),
    });
  }
  const names = prepared.outputs.map(({ name }) => name);
  return await NpyOutput.resume(output, names, input === undefined ? [] : npyInputFiles(input, prepared.inputs), run);
}

function noteEvent(event: RunEvent, holder: Holder, io: Io): void {
  if (event.kind === 'warning') io.stderr(`controller: warning: ${event.message}\n`);
  const note = event.kind === 'warning' ? event.message : event.kind === 'lost' ? `${event.what}; goes on without it` : undefined;
  if (note !== undefined) holder.say({ note });
}
