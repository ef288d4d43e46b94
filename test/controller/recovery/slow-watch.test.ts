import test from 'ava';
import fc from 'fast-check';
import { type Slowness, SlowWatch } from '../../../controller/recovery/slow-watch.ts';
import { Random } from '../../../mesh/random.ts';

/** Frames of `everyMs`, for so long, that take so long each. */
interface Phase {
  readonly seconds: number;
  readonly everyMs: number;
  readonly computeMs: (index: number) => number;
}

function firstSlow(phases: readonly Phase[]): { seconds: number; slowness: Slowness } | undefined {
  const watch = new SlowWatch();
  let nowMs = 0;
  for (const { seconds, everyMs, computeMs } of phases) {
    const endMs = nowMs + seconds * 1000;
    for (let index = 0; nowMs < endMs; index += 1, nowMs += everyMs) {
      const slowness = watch.computed(computeMs(index), nowMs);
      if (slowness !== undefined) return { seconds: nowMs / 1000, slowness };
    }
  }
  return undefined;
}

const steady = (ms: number) => () => ms;
const tenPerSecond = (seconds: number, computeMs: (index: number) => number): Phase => ({ seconds, everyMs: 100, computeMs });

const calm: readonly (readonly [title: string, phases: readonly Phase[]])[] = [
  ['a stage that takes what it took is not slow', [tenPerSecond(3_600, steady(20))]],
  ['seven tenths longer is not slow yet', [tenPerSecond(60, steady(20)), tenPerSecond(600, steady(34))]],
  ['a single frame that takes a thousand times as long', [tenPerSecond(600, (index) => (index % 100 === 99 ? 20_000 : 20))]],
  ['a bad moment of eight seconds', [tenPerSecond(60, steady(20)), tenPerSecond(8, steady(200)), tenPerSecond(60, steady(20))]],
  ['bad moments again and again', Array.from({ length: 50 }, () => [tenPerSecond(8, steady(200)), tenPerSecond(8, steady(20))]).flat()],
  ['a good moment of three seconds', [tenPerSecond(60, steady(20)), tenPerSecond(3, steady(5)), tenPerSecond(600, steady(20))]],
  ['a good beginning', [tenPerSecond(3, steady(5)), tenPerSecond(600, steady(20))]],
  ['a stage that begins slowly', [tenPerSecond(6, steady(500)), tenPerSecond(600, steady(20))]],
  ['two kinds of frames, one four times as long', [tenPerSecond(3_600, (index) => (index % 3 === 0 ? 80 : 20))]],
  [
    'too few frames to tell',
    [
      { seconds: 63, everyMs: 1_000, computeMs: steady(20) },
      { seconds: 60, everyMs: 1_000, computeMs: steady(500) },
    ],
  ],
];

for (const [title, phases] of calm) test(`not slow: ${title}`, (t) => t.is(firstSlow(phases), undefined));

const slow: readonly (readonly [title: string, phases: readonly Phase[], fromSeconds: number, toSeconds: number])[] = [
  ['half the quota', [tenPerSecond(60, steady(20)), tenPerSecond(60, steady(38))], 70, 74],
  [
    'a frame per second, as soon as there are enough',
    [
      { seconds: 64, everyMs: 1_000, computeMs: steady(20) },
      { seconds: 90, everyMs: 1_000, computeMs: steady(60) },
    ],
    110,
    140,
  ],
  [
    'slower and slower over ten minutes, as a device gets hot',
    [tenPerSecond(60, steady(20)), tenPerSecond(600, (index) => 20 + index / 100)],
    210,
    235,
  ],
  ['slow with single fast frames', [tenPerSecond(60, steady(20)), tenPerSecond(60, (index) => (index % 5 === 0 ? 20 : 50))], 70, 74],
];

for (const [title, phases, fromSeconds, toSeconds] of slow) {
  test(`slow: ${title}`, (t) => {
    const found = firstSlow(phases);
    t.true(found !== undefined && found.seconds >= fromSeconds && found.seconds <= toSeconds, `found at ${found?.seconds} s`);
  });
}

test('what is said of a slow stage: how slow, compared with what, for how long', (t) => {
  const { slowness } = firstSlow([tenPerSecond(60, steady(20)), tenPerSecond(60, steady(50))])!;
  t.like(slowness, { ratio: 2.5, recentMs: 50, bestMs: 20 });
  t.regex(slowness.reason, /^a frame takes 50\.0 ms, 2\.5 times its best of 20\.0 ms, for 1\d s$/);
});

test('how slow it is right now can be asked before it is called slow', (t) => {
  const watch = new SlowWatch();
  for (let index = 0; index < 64; index += 1) watch.computed(20, index * 100);
  t.is(watch.ratio, 1);
  for (let index = 64; index < 80; index += 1) watch.computed(50, index * 100);
  t.is(watch.ratio, 2.5);
  t.is(watch.slowness, undefined);
  for (let index = 80; index < 96; index += 1) watch.computed(30, index * 100);
  t.is(watch.ratio, 1, 'half as long again may be noise');
});

test('a stage that is fast again is not slow any more', (t) => {
  const watch = new SlowWatch();
  let nowMs = 0;
  const computed = (frames: number, ms: number) => {
    for (let index = 0; index < frames; index += 1) {
      nowMs += 100;
      watch.computed(ms, nowMs);
    }
  };
  computed(100, 20);
  computed(200, 50);
  t.truthy(watch.slowness);
  computed(32, 20);
  t.is(watch.slowness, undefined);
});

test('an hour of noise, however it is distributed around the same median, does not make a stage slow', (t) => {
  const noises: readonly ((random: Random) => number)[] = [
    (random) => 20 * (0.8 + 0.4 * random.next()),
    (random) => 10 - 20 * Math.log(1 - random.next()),
    (random) => (random.next() < 0.3 ? 80 : 20),
  ];
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...noises), (seed, noise) => {
      const random = new Random(seed);
      t.is(firstSlow([tenPerSecond(3_600, () => noise(random))]), undefined);
    }),
    { numRuns: 30 },
  );
});
