/**
 * What every bus must do. Run for each implementation; a harness brings a broker that can be taken away and brought back.
 */
import type { ExecutionContext, TestFn } from 'ava';
import { type Bus, type BusState, PAYLOAD_BYTES_MAX } from '../../mesh/bus/bus.ts';
import { MeshError } from '../../mesh/error.ts';

export interface BusHarness {
  /** A connected bus. */
  bus(onError?: (error: unknown, subject: string) => void): Promise<Bus>;
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
}

const text = new TextDecoder();
const bytes = (value: string) => new TextEncoder().encode(value);

/** Collects `subject=payload` lines and resolves waits on their count. */
class Inbox {
  readonly lines: string[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly handler = (payload: Uint8Array, subject: string): void => {
    this.lines.push(`${subject}=${text.decode(payload)}`);
    this.#waiting = this.#waiting.filter((wait) => this.lines.length < wait.count || wait.resolve());
  };

  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.lines.length >= count) resolve();
      else this.#waiting.push({ count, resolve });
    });
  }
}

export function reached(bus: Bus, state: BusState): Promise<void> {
  return new Promise((resolve) => {
    if (bus.state === state) return resolve();
    const stop = bus.onState((next) => {
      if (next !== state) return;
      stop();
      resolve();
    });
  });
}

export function testBus(test: TestFn, name: string, open: (t: ExecutionContext) => Promise<BusHarness>): void {
  test(`${name}: a message reaches every subscription whose pattern matches, and no other`, async (t) => {
    const harness = await open(t);
    await using alice = await harness.bus();
    await using bob = await harness.bus();
    const exact = new Inbox();
    const one = new Inbox();
    const rest = new Inbox();
    alice.subscribe('mesh.m.presence.a', exact.handler);
    alice.subscribe('mesh.m.presence.*', one.handler);
    bob.subscribe('mesh.m.>', rest.handler);
    await alice.flush();
    await bob.flush();
    bob.publish('mesh.other.presence.a', bytes('0'));
    bob.publish('mesh.m.presence.a', bytes('1'));
    bob.publish('mesh.m.presence.b', bytes('2'));
    bob.publish('mesh.m.presence.b.c', bytes('3'));
    bob.publish('mesh.m', bytes('4'));
    bob.publish('mesh.m.presence.a', bytes('5'));
    await Promise.all([exact.until(2), one.until(3), rest.until(4)]);
    await alice.flush();
    await bob.flush();
    t.deepEqual(exact.lines, ['mesh.m.presence.a=1', 'mesh.m.presence.a=5']);
    t.deepEqual(one.lines, ['mesh.m.presence.a=1', 'mesh.m.presence.b=2', 'mesh.m.presence.a=5']);
    t.deepEqual(rest.lines, ['mesh.m.presence.a=1', 'mesh.m.presence.b=2', 'mesh.m.presence.b.c=3', 'mesh.m.presence.a=5']);
  });

  test(`${name}: messages of one publisher arrive in order, also empty and large ones`, async (t) => {
    const harness = await open(t);
    await using bus = await harness.bus();
    const sizes: number[] = [];
    const done = new Promise<void>((resolve) => {
      bus.subscribe('sizes', (payload) => {
        sizes.push(payload.length);
        if (sizes.length === 5) resolve();
      });
    });
    await bus.flush();
    const sent = [0, 1, 65_536, PAYLOAD_BYTES_MAX, 2];
    for (const size of sent) t.true(bus.publish('sizes', new Uint8Array(size)));
    await done;
    t.deepEqual(sizes, sent);
  });

  test(`${name}: a closed subscription gets nothing more, closing it twice is fine`, async (t) => {
    const harness = await open(t);
    await using bus = await harness.bus();
    const kept = new Inbox();
    const closed = new Inbox();
    bus.subscribe('s', kept.handler);
    const subscription = bus.subscribe('s', closed.handler);
    await bus.flush();
    bus.publish('s', bytes('1'));
    await kept.until(1);
    await closed.until(1);
    subscription.close();
    subscription.close();
    bus.publish('s', bytes('2'));
    await kept.until(2);
    t.deepEqual(closed.lines, ['s=1']);
  });

  test(`${name}: a handler that throws is reported and disturbs nobody`, async (t) => {
    const harness = await open(t);
    const errors: string[] = [];
    await using bus = await harness.bus((error, subject) => errors.push(`${subject}: ${(error as Error).message}`));
    const inbox = new Inbox();
    bus.subscribe('s', () => {
      throw new Error('broken handler');
    });
    bus.subscribe('s', inbox.handler);
    await bus.flush();
    bus.publish('s', bytes('1'));
    bus.publish('s', bytes('2'));
    await inbox.until(2);
    t.deepEqual(inbox.lines, ['s=1', 's=2']);
    t.deepEqual(errors, ['s: broken handler', 's: broken handler']);
  });

  test(`${name}: malformed subjects, malformed patterns and too large payloads are refused`, async (t) => {
    const harness = await open(t);
    await using bus = await harness.bus();
    for (const subject of ['', '.', 'a..b', 'a.', 'a.*', 'a.>', 'a b', 'a\r\nPUB x 0', 'ä']) {
      t.is(t.throws(() => bus.publish(subject, bytes('x')), { instanceOf: MeshError }, subject)?.code, 'invalid');
    }
    for (const pattern of ['', 'a..b', '>.a', 'a b']) {
      t.is(t.throws(() => bus.subscribe(pattern, () => {}), { instanceOf: MeshError }, pattern)?.code, 'invalid');
    }
    t.is(t.throws(() => bus.publish('s', new Uint8Array(PAYLOAD_BYTES_MAX + 1)), { instanceOf: MeshError })?.code, 'invalid');
  });

  test(`${name}: while the broker is away messages are dropped; subscriptions come back with it`, async (t) => {
    const harness = await open(t);
    await using bus = await harness.bus();
    const states: BusState[] = [];
    bus.onState((state) => states.push(state));
    const before = new Inbox();
    const meanwhile = new Inbox();
    bus.subscribe('before', before.handler);
    await bus.flush();
    await harness.stopBroker();
    await reached(bus, 'disconnected');
    t.false(bus.publish('before', bytes('lost')));
    bus.subscribe('meanwhile', meanwhile.handler);
    t.is((await t.throwsAsync(bus.flush(), { instanceOf: MeshError }))?.code, 'lost');
    await harness.startBroker();
    await reached(bus, 'connected');
    await bus.flush();
    bus.publish('before', bytes('again'));
    bus.publish('meanwhile', bytes('also'));
    await Promise.all([before.until(1), meanwhile.until(1)]);
    t.deepEqual([...before.lines, ...meanwhile.lines], ['before=again', 'meanwhile=also']);
    t.deepEqual(states, ['disconnected', 'connected']);
  });

  test(`${name}: drain delivers what was published, then closes; drain and close are idempotent`, async (t) => {
    const harness = await open(t);
    await using listener = await harness.bus();
    const bus = await harness.bus();
    const inbox = new Inbox();
    listener.subscribe('last', inbox.handler);
    await listener.flush();
    for (let index = 0; index < 50; index++) bus.publish('last', bytes(`${index}`));
    await Promise.all([bus.drain(), bus.drain()]);
    await inbox.until(50);
    t.is(bus.state, 'closed');
    await bus.drain();
    await bus.close();
    t.false(bus.publish('last', bytes('late')));
    bus.subscribe('last', () => t.fail('a closed bus delivers nothing')).close();
    await listener.flush();
    t.is(inbox.lines.length, 50);
  });

  test(`${name}: a bus closes at once while the broker is away`, async (t) => {
    const harness = await open(t);
    const bus = await harness.bus();
    const other = await harness.bus();
    await harness.stopBroker();
    await Promise.all([reached(bus, 'disconnected'), reached(other, 'disconnected')]);
    await bus.close();
    await other.drain();
    t.deepEqual([bus.state, other.state], ['closed', 'closed']);
  });
}
