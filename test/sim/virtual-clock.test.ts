import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { every, pause } from '../../mesh/clock.ts';
import { RealWork } from './real-work.ts';
import { streamOf } from './streams.ts';
import { Trace } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

function clockOf(seed: number): { clock: VirtualClock; trace: Trace } {
  const trace = new Trace();
  return { clock: new VirtualClock(streamOf(seed, 'ties'), trace), trace };
}

test.serial('events come in the order of their times, and an hour passes at once', async (t) => {
  const { clock } = clockOf(1);
  const seen: string[] = [];
  for (const ms of [3_600_000, 5, 1000, 5.5, 0]) clock.after(ms, () => seen.push(`${ms} at ${clock.now()}`));
  clock.after(7, () => seen.push('cancelled')).cancel();
  await clock.run({ untilMs: 4_000_000 });
  t.deepEqual(seen, ['0 at 0', '5 at 5', '5.5 at 5.5', '1000 at 1000', '3600000 at 3600000']);
  t.is(clock.now(), 4_000_000);
});

test.serial('a chain of promises of any length settles before the next event', async (t) => {
  const { clock } = clockOf(1);
  let settled = 0;
  const chain = async (): Promise<void> => {
    for (let turn = 0; turn < 10_000; turn += 1) await undefined;
    settled += 1;
  };
  let before = -1;
  clock.after(1, () => void chain());
  clock.after(1.000001, () => {
    before = settled;
  });
  await clock.run({ untilMs: 10 });
  t.is(before, 1);
});

test.serial('what waits by the clock, over and over, wakes when its time has come', async (t) => {
  const { clock } = clockOf(1);
  const beats: number[] = [];
  const beat = every(clock, 500, () => beats.push(clock.now()));
  let woken = 0;
  const sleeper = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn += 1) await pause(clock, 250);
    woken = clock.now();
    beat.cancel();
  };
  void sleeper();
  await clock.run({ untilMs: 60_000 });
  t.deepEqual(beats.slice(0, 1), [500]);
  t.is(woken, 1000);
});

test.serial('the seed decides between events of the same time, the same way every time', async (t) => {
  const orderOf = async (seed: number): Promise<string> => {
    const { clock } = clockOf(seed);
    const order: number[] = [];
    for (let index = 0; index < 8; index += 1) clock.after(1, () => order.push(index));
    await clock.run({ untilMs: 2 });
    return order.join();
  };
  const orders = await Promise.all([1, 2, 3, 1].map(orderOf));
  t.is(orders[0], orders[3]);
  t.is(new Set(orders).size, 3);
});

test.serial('a clock that is asked to stops: when it is done, or when an event throws', async (t) => {
  const { clock } = clockOf(1);
  let count = 0;
  every(clock, 10, () => {
    count += 1;
  });
  await clock.run({ untilMs: 1000, done: () => count === 3 });
  t.is(clock.now(), 30);
  clock.after(5, () => {
    throw new Error('broken');
  });
  await t.throwsAsync(clock.run({ untilMs: 1000 }), { message: 'broken' });
});

const real: readonly [string, () => unknown][] = [
  ['setTimeout', () => clearTimeout(setTimeout(() => {}, 1))],
  ['setInterval', () => clearInterval(setInterval(() => {}, 1))],
  ['setImmediate', () => clearImmediate(setImmediate(() => {}))],
  ['a timer of timers/promises', () => delay(1)],
  ['AbortSignal.timeout', () => AbortSignal.timeout(1)],
  ['a file', () => readFile(new URL(import.meta.url))],
];

for (const [name, use] of real) {
  test.serial(`a simulation finds ${name} in what it simulates, and says where`, async (t) => {
    const { clock } = clockOf(1);
    const work = new RealWork();
    try {
      clock.after(1, () => void use());
      clock.after(2, () => {});
      const error = await t.throwsAsync(clock.run({ untilMs: 10, check: work.check, turn: work.turn }));
      t.regex(error?.message ?? '', /the simulated logic uses the real event loop: .*virtual-clock\.test\.ts/);
    } finally {
      work.stop();
    }
    await delay(5);
  });
}

test.serial('a simulation of promises and virtual timers alone is nothing to complain of', async (t) => {
  const { clock } = clockOf(1);
  const work = new RealWork();
  let woken = false;
  void pause(clock, 5).then(() => {
    woken = true;
  });
  process.nextTick(() => {});
  await clock.run({ untilMs: 10, check: work.check, turn: work.turn });
  work.stop();
  t.true(woken);
});
