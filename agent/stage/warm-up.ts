/**
 * The way of a frame before the first one comes: this process pulls a few from itself.
 *
 *     outbox ── 3 frames as large as its inputs ── its own server ──▶ inbox
 *
 * What a process does for the first time takes it many times as long: code is compiled, connections are made, buffers grow. A new stage that takes over
 * in the middle of a run would hold up its first frame by that.
 */
import { clockOf } from '../../mesh/clock.ts';
import type { Codec } from '../../mesh/codec.ts';
import { NO_CODEC } from '../../mesh/codec.ts';
import { Inbox } from '../../mesh/link/inbox.ts';
import type { Link, PushStream } from '../../mesh/link/link.ts';
import { Outbox } from '../../mesh/link/outbox.ts';
import { within } from '../../mesh/within.ts';

const RUN = 'warm-up';
const FRAMES = 3;
/** Larger frames show nothing new. */
const BYTES_MAX = 2 ** 20;
/** It is worth no more; whatever is wrong shows when frames come. */
const PATIENCE_MS = 500;

export interface WarmUpOptions {
  /** Of this process's own server. */
  readonly address: string;
  /** Of all inputs together. */
  readonly bytes: number;
  readonly link: Link;
  readonly codecs: ReadonlyMap<string, Codec>;
  readonly now: () => number;
}

export class WarmUp {
  #outbox: Outbox | undefined;

  /** Takes the stream when it is one of the warm-up. */
  accept(stream: PushStream): boolean {
    if (this.#outbox === undefined || stream.open.run !== RUN) return false;
    this.#outbox.accept(stream);
    return true;
  }

  /** Never rejects. */
  async run({ address, bytes, link, codecs, now }: WarmUpOptions): Promise<void> {
    const common = { run: RUN, epoch: 0n, codecs, now };
    const tensor = { dtype: 'uint8', dims: [Math.min(bytes, BYTES_MAX)], data: new Uint8Array(Math.min(bytes, BYTES_MAX)) } as const;
    const outbox = new Outbox({ ...common, producer: RUN, routes: [{ to: RUN, tensors: ['x'], codecs: [NO_CODEC] }] });
    this.#outbox = outbox;
    const inbox = new Inbox({
      ...common,
      consumer: RUN,
      first: 0n,
      routes: [{ from: RUN, address, tensors: ['x'] }],
      windowFrames: FRAMES,
      windowBytes: FRAMES * BYTES_MAX,
      link,
      onFrame: (frame) => frame.release(),
      onLost: () => outbox.close(),
    });
    inbox.start();
    const frames = Array.from({ length: FRAMES }, (_, id) => outbox.send(BigInt(id), new Map([['x', tensor]])));
    const arrived = Promise.all(frames)
      .then(() => outbox.settled())
      .catch(() => {});
    await within(clockOf(now), PATIENCE_MS, arrived);
    inbox.close();
    outbox.close();
    this.#outbox = undefined;
  }
}
