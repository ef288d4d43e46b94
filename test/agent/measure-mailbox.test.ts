import test from 'ava';
import { MeasureMailbox } from '../../agent/measure-mailbox.ts';
import type { Bus } from '../../mesh/bus/bus.ts';
import { MemoryBroker } from '../../mesh/bus/memory.ts';
import { MeshError } from '../../mesh/error.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

const letter = (n: number, bytes = 1): Uint8Array => Buffer.alloc(bytes, n);

/** Whatever was published or asked has happened. */
const turn = async (): Promise<void> => {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

class Post {
  readonly clock = new ManualClock();
  readonly broker = new MemoryBroker();
  readonly got: number[] = [];
  readonly dropped: number[] = [];
  readonly bus: Bus;
  readonly mailbox: MeasureMailbox;

  constructor(running = true) {
    if (!running) this.broker.stop();
    const fail = (error: unknown): void => {
      throw error;
    };
    this.bus = this.broker.bus(fail);
    this.broker.bus(fail).subscribe('m', ([n]) => this.got.push(n!));
    this.mailbox = new MeasureMailbox({ bus: this.bus, clock: this.clock, onDropped: (batches) => this.dropped.push(batches) });
  }

  post(...numbers: readonly number[]): void {
    for (const n of numbers) this.mailbox.post('m', letter(n));
  }

  /** Time passes, with everything that happens in it. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      this.clock.advance(Math.min(500, left));
      await turn();
    }
  }
}

test('while the bus is there, batches arrive at once, each once, and are forgotten after a while', async (t) => {
  const post = new Post();
  post.post(1, 2);
  await turn();
  t.deepEqual(post.got, [1, 2]);
  t.is(post.mailbox.bytes, 2);
  await post.pass(10_000);
  t.is(post.mailbox.bytes, 0);
  t.is(post.clock.waiting, 0);
  t.deepEqual(post.got, [1, 2]);
});

test('what was posted while the bus was away, or just before, comes in order when receivers had the time to come back', async (t) => {
  const post = new Post();
  post.post(1);
  await post.pass(20_000);
  post.post(2);
  await post.pass(3_000);
  post.post(3);
  post.broker.stop();
  post.post(4);
  await post.pass(600_000);
  post.post(5);
  post.broker.start();
  post.post(6);
  await post.pass(500);
  t.deepEqual(post.got, [1, 2], 'the third was lost with the broker');
  await post.pass(500);
  post.post(7);
  await turn();
  t.deepEqual(post.got, [1, 2, 2, 3, 4, 5, 6, 7]);
  await post.pass(20_000);
  t.is(post.mailbox.bytes, 0);
  t.deepEqual(post.dropped, []);
});

test('a bus that was never there before gets what was kept for it', async (t) => {
  const post = new Post(false);
  post.post(1, 2);
  post.broker.start();
  await post.pass(1_000);
  t.deepEqual(post.got, [1, 2]);
});

test('a bus that goes away again before receivers are back is waited for once more', async (t) => {
  const post = new Post();
  post.broker.stop();
  post.post(1);
  post.broker.start();
  await post.pass(500);
  post.broker.stop();
  await post.pass(5_000);
  t.deepEqual(post.got, []);
  post.broker.start();
  await post.pass(1_000);
  t.deepEqual(post.got, [1]);
});

test('a confirmation from before an absence confirms nothing after it', async (t) => {
  const post = new Post();
  const asked = Promise.withResolvers<void>();
  post.bus.flush = () => asked.promise;
  post.post(1);
  await post.pass(1_000);
  post.broker.stop();
  post.broker.start();
  await post.pass(1_000);
  asked.resolve();
  await turn();
  post.bus.flush = () => Promise.reject(new MeshError('lost', 'no answer'));
  await post.pass(60_000);
  t.is(post.mailbox.bytes, 1, 'nobody has confirmed it');
});

test('what does not fit any more is dropped, the oldest first, and said when the bus is back', async (t) => {
  const post = new Post(false);
  const big = 2 ** 20;
  for (let n = 0; n < 11; n += 1) post.mailbox.post('m', letter(n, big));
  t.is(post.mailbox.bytes, 8 * big);
  post.broker.start();
  await post.pass(1_000);
  t.deepEqual(post.got, [3, 4, 5, 6, 7, 8, 9, 10]);
  t.deepEqual(post.dropped, [3]);
});

test('a payload that no bus would take is refused at once, also while it is away', (t) => {
  const post = new Post(false);
  t.is(t.throws(() => post.mailbox.post('m', letter(1, 2 ** 20 + 1)), { instanceOf: MeshError })?.code, 'invalid');
  t.is(post.mailbox.bytes, 0);
});

test('closing publishes what still waits for receivers, and leaves nothing behind', async (t) => {
  const post = new Post(false);
  post.post(1);
  post.broker.start();
  post.mailbox.close();
  post.mailbox.close();
  await turn();
  t.deepEqual(post.got, [1]);
  t.is(post.clock.waiting, 0);
});
