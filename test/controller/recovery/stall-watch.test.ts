import test from 'ava';
import fc from 'fast-check';
import { type StageReport, type Stall, StallWatch } from '../../../controller/recovery/stall-watch.ts';

interface Told extends Partial<StageReport> {
  /** Since the report before. */
  readonly afterMs?: number;
}

/** When it first was stalled, and how; reports come twice a second unless they say otherwise. */
function firstStall(reports: readonly Told[], expectedMs?: number): { atMs: number; stall: Stall } | undefined {
  const watch = new StallWatch(expectedMs);
  let nowMs = 0;
  for (const { afterMs = 500, frames = 0, held = 0, blocked = 0, silentMs = 0 } of reports) {
    nowMs += afterMs;
    const stall = watch.reported({ frames, held, blocked, silentMs }, nowMs);
    if (stall !== undefined) return { atMs: nowMs, stall };
  }
  return undefined;
}

const times = (count: number, report: (index: number) => Told): Told[] => Array.from({ length: count }, (_, index) => report(index));
const hours = 7_200;

const calm: readonly (readonly [title: string, reports: readonly Told[], expectedMs?: number])[] = [
  ['a stage that computes is not stalled', times(hours, (index) => ({ frames: index, held: 3 }))],
  ['a stage that waits for input is not stalled', times(hours, () => ({ frames: 7 }))],
  ['a stage that waits for credit of its consumers is not stalled', times(hours, () => ({ frames: 7, held: 3, blocked: 3 }))],
  [
    'work that comes and goes without being computed is nothing this stage holds',
    times(hours, (index) => ({ frames: 7, held: index % 2 })),
  ],
  ['two seconds are not over yet', times(4, () => ({ held: 1 }))],
  [
    'a stage that gets a frame now and then computes each between two reports, or over one',
    times(hours, (index) => ({ frames: index >> 3, held: index % 8 === 7 ? 1 : 0 })),
  ],
  [
    'a slow stage has ten times its p99',
    [...times(40, (index) => ({ frames: index >> 2, held: 1 })), ...times(38, () => ({ frames: 10, held: 1 }))],
  ],
  ['a stage that is known to be slow has ten times that before its first frame', times(100, () => ({ held: 1 })), 5_000],
  [
    'a controller or a link that stood still counts for a second',
    [{ held: 1 }, { held: 1, afterMs: 3_600_000 }, { held: 1, afterMs: 499 }],
  ],
  ['a process that is silent for less than two seconds may be busy', times(5, (index) => ({ silentMs: 500 * index }))],
];

for (const [title, reports, expectedMs] of calm) test(title, (t) => t.is(firstStall(reports, expectedMs), undefined));

const stalled: readonly (readonly [title: string, reports: readonly Told[], atMs: number, stall: Partial<Stall>])[] = [
  [
    'work to do and nothing computed for two seconds',
    times(10, () => ({ frames: 9, held: 3, blocked: 1 })),
    2_500,
    { kind: 'stalled', forMs: 2_000, limitMs: 2_000, reason: 'it has 2 frames to compute, and computed none for 2.0 s' },
  ],
  [
    'that it waited for input before does not count, nor for it',
    [...times(20, () => ({ frames: 9 })), ...times(20, () => ({ frames: 9, held: 1 }))],
    12_500,
    { kind: 'stalled', reason: 'it has 1 frame to compute, and computed none for 2.0 s' },
  ],
  [
    'a frame that waits for credit hides none that waits to be computed',
    times(10, () => ({ frames: 9, held: 2, blocked: 1 })),
    2_500,
    { kind: 'stalled' },
  ],
  [
    'a slow stage after ten times its p99',
    [...times(40, (index) => ({ frames: index >> 2, held: 1 })), ...times(100, () => ({ frames: 9, held: 1 }))],
    // Its ninth frame was there at 18.5 s, and a frame takes 2 s.
    38_500,
    { kind: 'stalled', limitMs: 20_000 },
  ],
  [
    'a process that says nothing, with work to do',
    times(10, (index) => ({ frames: 9, held: 1, silentMs: 600 * index })),
    2_500,
    { kind: 'silent', forMs: 2_400, reason: 'its process has said nothing for 2.4 s' },
  ],
  ['a process that says nothing, without', times(10, (index) => ({ frames: 9, silentMs: 500 * index })), 3_000, { kind: 'silent' }],
];

for (const [title, reports, atMs, expected] of stalled) {
  test(`stalled: ${title}`, (t) => {
    const found = firstStall(reports);
    t.is(found?.atMs, atMs);
    t.like(found?.stall, expected);
  });
}

test('a stage that goes on is not stalled any more, and knows from then on how long it may take', (t) => {
  const watch = new StallWatch();
  for (let index = 0; index < 10; index += 1) watch.reported({ frames: 0, held: 1, blocked: 0, silentMs: 0 }, index * 500);
  t.truthy(watch.reported({ frames: 0, held: 1, blocked: 0, silentMs: 0 }, 5_000));
  t.is(watch.reported({ frames: 1, held: 1, blocked: 0, silentMs: 0 }, 5_500), undefined);
  t.is(watch.limitMs, 55_000);
});

test('frames that were computed between two reports share the time', (t) => {
  const watch = new StallWatch();
  for (let index = 0; index < 10; index += 1) watch.reported({ frames: 4 * index, held: 1, blocked: 0, silentMs: 0 }, index * 1_000);
  t.is(watch.limitMs, 2_500);
});

test('what happened once in a hundred frames does not count for the limit', (t) => {
  const watch = new StallWatch();
  let frames = 0;
  let nowMs = 0;
  const report = (afterMs: number, computed: number) => {
    nowMs += afterMs;
    frames += computed;
    watch.reported({ frames, held: 1, blocked: 0, silentMs: 0 }, nowMs);
  };
  for (let index = 0; index < 120; index += 1) report(300, 1);
  report(1_000, 0);
  report(900, 1);
  t.is(watch.limitMs, 3_000);
});

/** A stage in its own time: frames come in, take a while each, and wait for their consumer; every half second it tells how far it is. */
const stageLife = fc.record({
  arrivalsMs: fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 40 }),
  computeMs: fc.infiniteStream(fc.integer({ min: 1, max: 1_900 })),
  takenMs: fc.infiniteStream(fc.integer({ min: 0, max: 6_000 })),
  phaseMs: fc.integer({ min: 0, max: 499 }),
});

test('a stage whose frames all take less than the limit is never stalled, whatever its producer and consumer do', (t) => {
  fc.assert(
    fc.property(stageLife, ({ arrivalsMs, computeMs, takenMs, phaseMs }) => {
      let freeMs = 0;
      let arrivedMs = 0;
      const frames = arrivalsMs.map((afterMs) => {
        arrivedMs += afterMs;
        const doneMs = Math.max(arrivedMs, freeMs) + Number(computeMs.next().value);
        freeMs = doneMs;
        return { arrivedMs, doneMs, goneMs: doneMs + Number(takenMs.next().value) };
      });
      const watch = new StallWatch();
      const by = (nowMs: number, what: 'arrivedMs' | 'doneMs' | 'goneMs') => frames.filter((frame) => frame[what] <= nowMs).length;
      for (let nowMs = phaseMs; nowMs < frames.at(-1)!.goneMs + 5_000; nowMs += 500) {
        const gone = by(nowMs, 'goneMs');
        const report = {
          frames: by(nowMs, 'doneMs'),
          held: by(nowMs, 'arrivedMs') - gone,
          blocked: by(nowMs, 'doneMs') - gone,
          silentMs: 0,
        };
        t.is(watch.reported(report, nowMs), undefined);
      }
    }),
  );
});

test('a stage that stops computing in the middle is found within its limit and a report', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 4_000 }),
      fc.integer({ min: 5, max: 60 }),
      fc.integer({ min: 0, max: 499 }),
      (frameMs, until, phaseMs) => {
        const watch = new StallWatch(frameMs);
        const stopMs = until * frameMs;
        for (let nowMs = phaseMs; nowMs < stopMs + 60_000; nowMs += 500) {
          const frames = Math.floor(Math.min(nowMs, stopMs) / frameMs);
          const stall = watch.reported({ frames, held: 2, blocked: 0, silentMs: 0 }, nowMs);
          if (stall === undefined) continue;
          // What it takes between frames is known to a report's precision.
          t.true(nowMs > stopMs + 2_000 - 500);
          t.true(nowMs <= stopMs + Math.max(2_000, 10 * (frameMs + 500)) + 1_000);
          return;
        }
        t.fail('it was not found');
      },
    ),
  );
});
