import test from 'ava';
import type { MeshError } from '../../mesh/error.ts';
import type { Part, PullOpen, PushStream } from '../../mesh/link/link.ts';
import { linkConformance } from '../conformance/link.ts';
import { SimWorld } from './sim-world.ts';

const open: PullOpen = {
  run: 'r',
  epoch: 1n,
  producer: 'p',
  consumer: 'q',
  tensors: ['x'],
  windowFrames: 4,
  windowBytes: 1000,
};

const part = (frame: number): Part => ({
  frame: BigInt(frame),
  tensor: 0,
  offset: 0,
  rawBytes: 1,
  codec: 'none',
  payload: Uint8Array.of(frame),
});

/** A producer on d1, a consumer on d2, and what each of them notices, with the time. */
async function bench(seed = 1) {
  const world = new SimWorld(seed, ['d1', 'd2', 'nats']);
  const producer = world.start('d1', 'stage');
  const consumer = world.start('d2', 'stage');
  const log: string[] = [];
  const got: number[] = [];
  const at = (): string => (world.clock.now() / 1000).toFixed(1);
  let stream: PushStream | undefined;
  const stopListening = world.links.listen('d1:1', (accepted) => {
    stream = accepted;
    accepted.onClose((error) => log.push(`producer: ${error?.code ?? 'end'} at ${at()}`));
  });
  world.network.own('d1:1', producer);
  producer.onEnd(stopListening);
  const pull = world.links.link(consumer.name).pull('d1:1', open, {
    part: ({ frame }) => got.push(Number(frame)),
    closed: (error) => log.push(`consumer: ${error?.code ?? 'end'} at ${at()}`),
  });
  const until = (ms: number): Promise<void> => world.clock.run({ untilMs: ms });
  await until(100);
  const send = (...frames: number[]): void => {
    for (const frame of frames) stream!.send(part(frame)).catch((error: MeshError) => log.push(`send ${frame}: ${error.code}`));
  };
  return { world, producer, consumer, log, got, until, send, pull };
}

linkConformance(test.serial as typeof test, 'simulated', async (accept) => {
  const world = new SimWorld(7, ['d1', 'd2', 'nats']);
  const address = 'd1:1';
  const process = world.start('d1', 'stage');
  world.network.own(address, process);
  const stop = world.links.listen(address, accept);
  let closed = false;
  const go = async (): Promise<void> => {
    for (let idle = 0; idle < 3; idle += closed ? 1 : 0) await world.clock.run({ untilMs: world.clock.now() + 50 });
  };
  void go();
  return {
    address,
    link: world.links.link(world.start('d2', 'stage').name),
    close: async () => {
      stop();
      // Who asks after the end still gets an answer.
      setTimeout(() => {
        closed = true;
      }, 50);
    },
  };
});

test.serial('a cut that is short holds everything back and loses nothing, order included', async (t) => {
  const { world, until, send, got, log } = await bench();
  send(1, 2);
  world.network.block('d1', 'd2');
  send(3, 4);
  await until(600);
  send(5);
  t.deepEqual(got, []);
  world.network.unblock('d1', 'd2');
  await until(2_000);
  t.deepEqual(got, [1, 2, 3, 4, 5]);
  t.deepEqual(log, []);
});

test.serial(
  'a cut in either direction that lasts breaks the stream: the consumer notices by keepalive, the producer when it hears of it',
  async (t) => {
    for (const [from, to] of [
      ['d1', 'd2'],
      ['d2', 'd1'],
    ] as const) {
      const { world, until, send, log } = await bench();
      world.network.block(from, to);
      await until(1_000);
      t.deepEqual(log, [], `${from} > ${to}`);
      await until(1_700);
      t.regex(log[0] ?? '', /^consumer: unreachable at 1\.[1-6]$/);
      world.network.unblock(from, to);
      await until(2_500);
      t.regex(log[1] ?? '', /^producer: lost at [12]\.\d$/);
      send(1);
      await until(2_600);
      t.is(log[2], 'send 1: lost');
      t.is(log.length, 3);
    }
  },
);

test.serial('a producer that is cut off for good gives up by itself, late', async (t) => {
  const { world, until, log } = await bench();
  world.network.block('d1', 'd2');
  world.network.block('d2', 'd1');
  await until(9_000);
  t.is(log.length, 1);
  await until(31_000);
  t.regex(log[1] ?? '', /^producer: lost at [123]\d\.\d$/);
});

test.serial('a process that ends is noticed at once, a host that crashes by keepalive', async (t) => {
  const ended = await bench();
  ended.producer.end();
  await ended.until(200);
  t.deepEqual(ended.log, ['consumer: unreachable at 0.1']);

  const gone = await bench();
  gone.consumer.end();
  await gone.until(200);
  t.deepEqual(gone.log, ['producer: lost at 0.1']);

  const crashed = await bench();
  crashed.world.network.host('d1').crash();
  crashed.world.network.changed();
  await crashed.until(1_000);
  t.deepEqual(crashed.log, []);
  await crashed.until(1_700);
  t.regex(crashed.log[0] ?? '', /^consumer: unreachable at 1\.[1-6]$/);
});

test.serial('a paused process does nothing until it goes on; its deliveries come then, in order', async (t) => {
  const { consumer, until, send, got } = await bench();
  consumer.pause();
  send(1, 2, 3);
  let late = 0;
  consumer.clock.after(50, () => {
    late = consumer.clock.now();
  });
  const asleepMs = consumer.clock.now();
  await until(500);
  t.deepEqual(got, []);
  t.is(late, 0);
  consumer.resume();
  send(4);
  await until(600);
  t.deepEqual(got, [1, 2, 3, 4]);
  t.true(late - asleepMs >= 400);
});

test.serial('a paused producer is given up by its consumer', async (t) => {
  const { producer, world, until, log } = await bench();
  producer.pause();
  world.network.changed();
  await until(1_700);
  t.regex(log[0] ?? '', /^consumer: unreachable at 1\.[1-6]$/);
  t.is(log.length, 1);
  producer.resume();
  world.network.changed();
  await until(2_500);
  t.regex(log[1] ?? '', /^producer: lost at 1\.[7-9]$/);
});

test.serial('a host has a clock of its own, and messages between different pairs overtake each other', async (t) => {
  const { producer, consumer, world } = await bench();
  t.not(producer.clock.now(), consumer.clock.now());
  const arrivals: number[] = [];
  const buses = [world.bus.connect(producer), world.bus.connect(consumer)];
  buses[0]!.subscribe('s', (payload) => arrivals.push(payload[0]!));
  for (let index = 0; index < 40; index += 1) buses[index % 2]!.publish('s', Uint8Array.of(index));
  await world.clock.run({ untilMs: 1_000 });
  t.is(arrivals.length, 40);
  t.notDeepEqual(
    arrivals,
    arrivals.toSorted((a, b) => a - b),
  );
  for (const parity of [0, 1]) {
    const own = arrivals.filter((index) => index % 2 === parity);
    t.deepEqual(
      own,
      own.toSorted((a, b) => a - b),
      'each publisher in order',
    );
  }
});

test.serial('in bad weather the bus loses and repeats messages; while the broker is away it drops them', async (t) => {
  const { producer, consumer, world } = await bench();
  const arrivals: number[] = [];
  const [from, to] = [world.bus.connect(producer), world.bus.connect(consumer)];
  to.subscribe('s', (payload) => arrivals.push(payload[0]!));
  Object.assign(world.bus.weather, { loss: 0.3, repetition: 0.3 });
  for (let index = 0; index < 100; index += 1) from.publish('s', Uint8Array.of(index));
  await world.clock.run({ untilMs: 5_000 });
  const different = new Set(arrivals).size;
  t.true(different > 50 && different < 90, `${different} of 100 came`);
  t.true(arrivals.length > different + 10, `${arrivals.length - different} came again`);
  Object.assign(world.bus.weather, { loss: 0, repetition: 0 });
  from.publish('s', Uint8Array.of(200));
  world.bus.stop();
  t.false(from.publish('s', Uint8Array.of(201)));
  world.bus.start();
  await world.clock.run({ untilMs: 9_000 });
  t.true(from.publish('s', Uint8Array.of(202)));
  await world.clock.run({ untilMs: 10_000 });
  t.deepEqual(
    arrivals.filter((index) => index >= 200),
    [202],
  );
});
