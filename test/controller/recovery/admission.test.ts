import test from 'ava';
import fc from 'fast-check';
import { Admission, type AdmissionOptions, type DropPolicy } from '../../../controller/recovery/admission.ts';

const hundredPerSecond: AdmissionOptions = { startMs: 1_000, rateFps: 100, frames: 1_000_000, policy: 'wait', deadlineMs: 50 };

/** Indices admitted when there is room at those times. */
function admittedAt(options: Partial<AdmissionOptions>, timesMs: readonly number[]): (number | string)[] {
  const admission = new Admission({ ...hundredPerSecond, ...options });
  return timesMs.map((nowMs) => {
    const offer = admission.offer(nowMs);
    return offer.kind === 'admit' ? offer.index : offer.kind === 'later' ? `at ${offer.atMs}` : offer.kind;
  });
}

const cases: readonly (readonly [
  title: string,
  options: Partial<AdmissionOptions>,
  timesMs: readonly number[],
  expected: readonly (number | string)[],
])[] = [
  ['nothing is due before the beginning', {}, [0, 999], ['at 1000', 'at 1000']],
  [
    'frames that are due go on in order, and then it says when the next one is due',
    {},
    [1_000, 1_000, 1_010, 1_015],
    [0, 'at 1010', 1, 'at 1020'],
  ],
  ['wait: whatever came while there was no room goes on in order', {}, [1_500, 1_500, 1_500, 9_000], [0, 1, 2, 3]],
  ['a stream that ends', { frames: 2 }, [5_000, 5_000, 5_000], [0, 1, 'end']],
  [
    'oldest: what waited longer than the deadline is dropped, the rest goes on in order',
    { policy: 'oldest' },
    [1_000, 1_500, 1_500, 1_501, 1_700],
    [0, 45, 46, 47, 65],
  ],
  ['oldest: exactly the deadline is not too long', { policy: 'oldest' }, [1_050, 1_050.1], [0, 1]],
  ['oldest: the last frames may all be too old', { policy: 'oldest', frames: 3 }, [1_000, 9_000], [0, 'end']],
  [
    'newest: as many wait as come within the deadline, later ones are not let in',
    { policy: 'newest' },
    [1_500, 1_500, 1_500, 1_500, 1_500, 1_500],
    [0, 1, 2, 3, 4, 'at 1510'],
  ],
  [
    'newest: a place that is free again is for the next that comes',
    { policy: 'newest' },
    [1_500, 1_505, 1_520, 1_525, 1_530, 1_530, 1_530, 1_530, 1_530],
    [0, 1, 2, 3, 4, 51, 52, 53, 'at 1540'],
  ],
  ['newest: one may always wait', { policy: 'newest', deadlineMs: 1 }, [1_500, 1_500], [0, 'at 1510']],
];

for (const [title, options, timesMs, expected] of cases) test(title, (t) => t.deepEqual(admittedAt(options, timesMs), expected));

test('counts at any time', (t) => {
  const admission = new Admission({ ...hundredPerSecond, policy: 'oldest' });
  admission.offer(1_000);
  t.deepEqual(admission.counts(1_200), { offered: 21, admitted: 1, dropped: 14, waiting: 6 });
});

test('rates and deadlines that make no sense are refused', (t) => {
  t.throws(() => new Admission({ ...hundredPerSecond, rateFps: 0 }), { instanceOf: RangeError });
  t.throws(() => new Admission({ ...hundredPerSecond, policy: 'newest', deadlineMs: -1 }), { instanceOf: RangeError });
});

const policies: readonly DropPolicy[] = ['wait', 'oldest', 'newest'];

/** When there is room; whoever asks too early asks again when told, some of the time. */
const stream = fc.record({
  policy: fc.constantFrom(...policies),
  rateFps: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
  startMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  deadlineMs: fc.double({ min: 0, max: 3_000, noNaN: true }),
  frames: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.constant(Number.POSITIVE_INFINITY)),
});

test('every frame that was due is admitted, dropped or waiting; indices grow; none is admitted early, or too late where there is a deadline', (t) => {
  fc.assert(
    fc.property(stream, fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { maxLength: 100 }), (options, pausesMs) => {
      const admission = new Admission(options);
      const { policy, deadlineMs, rateFps, startMs } = options;
      let nowMs = startMs;
      let last = -1;
      let admitted = 0;
      for (const pauseMs of pausesMs) {
        nowMs += pauseMs;
        const offer = admission.offer(nowMs);
        if (offer.kind === 'later') {
          t.true(offer.atMs > nowMs);
          nowMs = offer.atMs;
        }
        const { offered, dropped, waiting, ...counts } = admission.counts(nowMs);
        if (offer.kind === 'admit') {
          const { index, dueMs } = offer;
          admitted += 1;
          t.true(index > last && index < options.frames);
          t.true(dueMs <= nowMs);
          if (policy === 'oldest') t.true(dueMs >= nowMs - deadlineMs);
          last = index;
        }
        t.is(offered, Math.min(options.frames, dueBy(admission, nowMs)));
        t.is(counts.admitted, admitted);
        t.is(offered, admitted + dropped + waiting);
        if (policy === 'wait') t.is(dropped, 0);
        if (policy !== 'wait') t.true(waiting <= Math.max(1, (deadlineMs * rateFps) / 1000 + 1));
      }
    }),
  );
});

/** Frames with a time of at most `nowMs`, counted the slow way near where they must be. */
function dueBy(admission: Admission, nowMs: number): number {
  let low = 0;
  let high = 1;
  while (admission.dueMs(high) <= nowMs) high *= 2;
  if (admission.dueMs(0) > nowMs) return 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (admission.dueMs(middle) <= nowMs) low = middle;
    else high = middle;
  }
  return low + 1;
}

test('oldest drops no frame within the deadline, however times are rounded', (t) => {
  const exact = fc.record({
    startMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    rateFps: fc.double({ min: 1, max: 2_000, noNaN: true }),
    deadlineMs: fc.integer({ min: 0, max: 3_000 }),
    index: fc.integer({ min: 1, max: 5_000 }),
  });
  fc.assert(
    fc.property(exact, ({ index, ...rest }) => {
      const admission = new Admission({ ...rest, frames: Number.POSITIVE_INFINITY, policy: 'oldest' });
      const nowMs = admission.dueMs(index) + rest.deadlineMs;
      const offer = admission.offer(nowMs);
      const inTimeMs = nowMs - rest.deadlineMs;
      if (offer.kind === 'admit') t.true(offer.dueMs >= inTimeMs);
      // All before it are late, or all that were due when none is admitted.
      const first = offer.kind === 'admit' ? offer.index : admission.counts(nowMs).offered;
      t.true(first === 0 || admission.dueMs(first - 1) < inTimeMs);
    }),
    { numRuns: 2_000 },
  );
});

test('what a drop policy keeps and drops is what following each frame by itself gives', (t) => {
  const small = fc.record({
    policy: fc.constantFrom(...policies),
    deadlineMs: fc.nat(20),
    pausesMs: fc.array(fc.nat(12), { maxLength: 40 }),
  });
  fc.assert(
    fc.property(small, ({ policy, deadlineMs, pausesMs }) => {
      // A frame per millisecond, so that all numbers are whole.
      const admission = new Admission({ startMs: 0, rateFps: 1_000, frames: 200, policy, deadlineMs });
      let waiting: number[] = [];
      let come = 0;
      let nowMs = 0;
      for (const pauseMs of pausesMs) {
        nowMs += pauseMs;
        for (; come < 200 && come <= nowMs; come += 1)
          if (policy !== 'newest' || waiting.length < Math.max(1, deadlineMs)) waiting.push(come);
        if (policy === 'oldest') waiting = waiting.filter((index) => nowMs - index <= deadlineMs);
        const offer = admission.offer(nowMs);
        t.is(offer.kind === 'admit' ? offer.index : undefined, waiting.shift());
      }
    }),
    { numRuns: 500 },
  );
});

for (const policy of policies) {
  test(`an hour of ten times too many frames takes no memory: ${policy}`, (t) => {
    const admission = new Admission({ startMs: 0, rateFps: 1_000, frames: Number.POSITIVE_INFINITY, policy, deadlineMs: 200 });
    let largest = 0;
    for (let nowMs = 0; nowMs < 3_600_000; nowMs += 10) {
      t.is(admission.offer(nowMs).kind, 'admit');
      largest = Math.max(largest, admission.size);
    }
    const { offered, admitted, dropped, waiting } = admission.counts(3_600_000);
    t.is(offered, 3_600_001);
    t.is(admitted, 360_000);
    t.is(dropped + waiting, offered - admitted);
    t.true(largest <= (policy === 'newest' ? 200 : 1), `${largest} ranges`);
  });
}
