import test from 'ava';
import fc from 'fast-check';
import { parseSchedule } from '../../../controller/descriptor/cron.ts';
import { LATE_MS, lookAtSchedule } from '../../../controller/task/look-at-schedule.ts';

const MINUTE = 60_000;
const start = Date.UTC(2026, 9, 24, 23, 58);
const each = (minutes: number) => ({ next: (after: number) => (Math.floor(after / (minutes * MINUTE)) + 1) * minutes * MINUTE });

test('what came since the last look is run, when that was not long ago', (t) => {
  t.deepEqual(lookAtSchedule(each(1), start, start + 59_999), { run: [], missed: [], moreMissed: 0 });
  t.deepEqual(lookAtSchedule(each(1), start, start + MINUTE), { run: [start + MINUTE], missed: [], moreMissed: 0 });
  t.deepEqual(lookAtSchedule(each(1), start + MINUTE, start + MINUTE + 999), { run: [], missed: [], moreMissed: 0 });
});

test('what came more than a minute ago is missed: the latest are told, the others counted', (t) => {
  const now = start + 30 * MINUTE;
  const { run, missed, moreMissed } = lookAtSchedule(each(1), start, now);
  t.deepEqual(run, [now]);
  t.deepEqual(
    missed,
    Array.from({ length: 10 }, (_, index) => start + (20 + index) * MINUTE),
  );
  t.is(moreMissed, 19);
  t.deepEqual(lookAtSchedule(each(1), start, start + MINUTE + LATE_MS - 1).run, [start + MINUTE]);
});

test('a clock that was set back, or a schedule that is never due again, asks for nothing', (t) => {
  const nothing = { run: [], missed: [], moreMissed: 0 };
  t.deepEqual(lookAtSchedule(each(1), start, start), nothing);
  t.deepEqual(lookAtSchedule(each(1), start, start - 365 * 24 * 60 * MINUTE), nothing);
  t.deepEqual(lookAtSchedule({ next: () => undefined }, start, start + MINUTE), nothing);
});

/** Calendars take long to reckon with: of those only few times come. */
const schedules = [each(1), each(7), each(60), ...['30 2 * * *', '0,1,59 0 25 10 *'].map((text) => parseSchedule(text, 'Europe/Berlin'))];

test('whenever it is looked at: what is due is run, missed or counted, in order, none of it twice', (t) => {
  const gap = fc.oneof(
    fc.integer({ min: -5_000, max: 5_000 }),
    fc.integer({ min: 0, max: 10 * MINUTE }),
    fc.integer({ min: 0, max: 90 * 60 * MINUTE }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...schedules), fc.array(gap, { minLength: 1, maxLength: 12 }), (schedule, gaps) => {
      let [considered, now, counted] = [start, start, 0];
      const seen: number[] = [];
      for (const step of gaps) {
        now += step;
        const { run, missed, moreMissed } = lookAtSchedule(schedule, considered, now);
        const told = [...missed, ...run];
        t.true(moreMissed === 0 || missed.length === 10);
        t.true(run.every((due) => due > now - LATE_MS) && missed.every((due) => due <= now - LATE_MS));
        if (told.length === 0) continue;
        seen.push(...told);
        counted += moreMissed;
        considered = now;
      }
      t.deepEqual(
        seen,
        [...new Set(seen)].toSorted((a, b) => a - b),
      );
      let all = 0;
      for (let due = schedule.next(start); due !== undefined && due <= Math.max(considered, start); due = schedule.next(due)) all += 1;
      t.is(seen.length + counted, all);
    }),
    { numRuns: 60 },
  );
});
