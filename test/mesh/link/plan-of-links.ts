/**
 * Carries out a plan with outboxes and inboxes alone, without sessions: each stage answers a frame with what it was made of, after a while.
 *
 *     t1 of frame 3 = hash("t1", 3, its inputs)          so the sink can tell whether every frame went through every stage, once
 */
import { performance } from 'node:perf_hooks';
import { tensorCodecs } from '../../../mesh/codec/registry.ts';
import { SINK, SOURCE } from '../../../mesh/frame.ts';
import { type InboundFrame, Inbox } from '../../../mesh/link/inbox.ts';
import type { Accept, Link } from '../../../mesh/link/link.ts';
import { Outbox } from '../../../mesh/link/outbox.ts';
import type { Tensor } from '../../../mesh/tensor.ts';
import type { Plan } from '../../../partition/plan.ts';

export interface Carried {
  /** Frames in the order the sink got them. */
  readonly ids: readonly bigint[];
  /** Sink tensors of each, as numbers. */
  readonly outputs: readonly Readonly<Record<string, number>>[];
  /** Stage → frames in the order it got them. */
  readonly seen: ReadonlyMap<string, readonly bigint[]>;
}

export interface Carrying {
  readonly plan: Plan;
  readonly frames: number;
  readonly windowFrames: number;
  readonly windowBytes: number;
  /** How many turns of the event loop a stage takes for a frame. */
  readonly delay: (stage: string, frame: bigint) => number;
  /** Makes a producer reachable under its name through `link`. */
  readonly listen: (producer: string, accept: Accept) => Promise<void>;
  readonly link: Link;
}

const now = (): number => performance.now();

export async function carryOut({ plan, frames, windowFrames, windowBytes, delay, listen, link }: Carrying): Promise<Carried> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const outboxOf = async (producer: string): Promise<Outbox> => {
    const routes = plan.routes.filter(({ from }) => from === producer).map(({ codec, ...route }) => ({ ...route, codecs: [codec] }));
    const outbox = new Outbox({ run: 'r', epoch: 1n, producer, routes, codecs: tensorCodecs, now });
    await listen(producer, (stream) => outbox.accept(stream));
    return outbox;
  };
  const inboxOf = (consumer: string, onFrame: (frame: InboundFrame) => void): Inbox => {
    const routes = plan.routes.filter(({ to }) => to === consumer).map(({ to: _, ...route }) => ({ ...route, address: route.from }));
    const common = { run: 'r', epoch: 1n, consumer, first: 0n, routes, windowFrames, windowBytes, link, codecs: tensorCodecs, now };
    return new Inbox({ ...common, onFrame, onLost: (_, error) => failed.reject(error) });
  };

  const seen = new Map<string, bigint[]>();
  const inboxes: Inbox[] = [];
  const source = await outboxOf(SOURCE);
  const outboxes = [source];
  for (const { id, outputs } of plan.stages) {
    const outbox = await outboxOf(id);
    outboxes.push(outbox);
    const got: bigint[] = [];
    seen.set(id, got);
    // One frame after the other, like a session.
    let busy: Promise<void> = Promise.resolve();
    const compute = async (frame: InboundFrame): Promise<void> => {
      for (let turn = delay(id, frame.id); turn > 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
      const made = outputs.map(({ name }) => [name, answer(name, frame.id, [...frame.tensors.values()].map(numberOf))] as const);
      outbox.send(frame.id, new Map(made)).then(() => frame.release(), failed.reject);
    };
    inboxes.push(
      inboxOf(id, (frame) => {
        got.push(frame.id);
        busy = busy.then(() => compute(frame));
      }),
    );
  }

  const ids: bigint[] = [];
  const outputs: Record<string, number>[] = [];
  const done = Promise.withResolvers<void>();
  const atSink = inboxOf(SINK, (frame) => {
    ids.push(frame.id);
    outputs.push(Object.fromEntries([...frame.tensors].sort().map(([name, tensor]) => [name, numberOf(tensor)])));
    frame.release();
    if (ids.length === frames) done.resolve();
  });
  for (const inbox of [...inboxes, atSink]) inbox.start();
  const sending = Array.from({ length: frames }, (_, id) => source.send(BigInt(id), new Map([['x', answer('x', BigInt(id), [])]])));
  await Promise.race([Promise.all([done.promise, ...sending]), failed.promise]);
  for (const inbox of [...inboxes, atSink]) inbox.close();
  for (const outbox of outboxes) outbox.close();
  return { ids, outputs, seen };
}

function answer(name: string, frame: bigint, inputs: readonly number[]): Tensor {
  const text = `${name} ${frame} ${[...inputs].sort((a, b) => a - b)}`;
  const hash = [...text].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return { dtype: 'int32', dims: [1], data: new Uint8Array(Int32Array.of(hash).buffer) };
}

function numberOf({ data }: Tensor): number {
  return new DataView(data.buffer, data.byteOffset).getInt32(0, true);
}
