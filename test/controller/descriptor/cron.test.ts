/** Schedules: when they are, across summer time and leap years, and what is none. */
import test from 'ava';
import fc from 'fast-check';
import { parseSchedule } from '../../../controller/descriptor/cron.ts';
import { dueBetween, MORE_MAX } from '../../../controller/descriptor/due.ts';
import { MeshError } from '../../../mesh/error.ts';

/** The next times after one, as `MM-DDTHH:MM` of UTC. */
function nextOf(text: string, after: string, count: number, timezone = 'UTC'): string[] {
  const schedule = parseSchedule(text, timezone);
  const times: string[] = [];
  let time: number | undefined = Date.parse(after);
  for (let index = 0; index < count; index++) {
    time = schedule.next(time!);
    if (time === undefined) break;
    times.push(new Date(time).toISOString().slice(5, 16));
  }
  return times;
}

test('lists, ranges, steps, names', (t) => {
  // 2026-01-01 was a Thursday.
  t.deepEqual(nextOf('0 3 * * mon-fri', '2026-01-01T04:00Z', 3), ['01-02T03:00', '01-05T03:00', '01-06T03:00']);
  t.deepEqual(nextOf('0,30 8-9 * * *', '2026-01-01T00:00Z', 5), [
    '01-01T08:00',
    '01-01T08:30',
    '01-01T09:00',
    '01-01T09:30',
    '01-02T08:00',
  ]);
  t.deepEqual(nextOf('*/20 0-23/12 * * *', '2026-01-01T00:00Z', 4), ['01-01T00:20', '01-01T00:40', '01-01T12:00', '01-01T12:20']);
  t.deepEqual(nextOf('0 0 1 JAN,jul *', '2026-01-01T00:00Z', 2), ['07-01T00:00', '01-01T00:00']);
  t.deepEqual(nextOf('0 0 * * fri-sun', '2026-01-01T00:00Z', 4), ['01-02T00:00', '01-03T00:00', '01-04T00:00', '01-09T00:00']);
  t.deepEqual(nextOf('0 0 * * 0,7', '2026-01-01T00:00Z', 2), ['01-04T00:00', '01-11T00:00']);
});

test('nicknames', (t) => {
  t.deepEqual(nextOf('@hourly', '2026-01-01T00:10Z', 2), ['01-01T01:00', '01-01T02:00']);
  t.deepEqual(nextOf('@daily', '2026-01-01T00:10Z', 2), ['01-02T00:00', '01-03T00:00']);
  t.deepEqual(nextOf('@weekly', '2026-01-01T00:10Z', 2), ['01-04T00:00', '01-11T00:00']);
  t.deepEqual(nextOf('@monthly', '2026-01-01T00:10Z', 2), ['02-01T00:00', '03-01T00:00']);
  t.deepEqual(nextOf('@yearly', '2026-01-01T00:10Z', 1), ['01-01T00:00']);
});

test('a day of the month and a weekday: either of them', (t) => {
  t.deepEqual(nextOf('0 0 13 * fri', '2026-02-01T00:00Z', 4), ['02-06T00:00', '02-13T00:00', '02-20T00:00', '02-27T00:00']);
  t.deepEqual(nextOf('0 0 14 * fri', '2026-02-10T00:00Z', 3), ['02-13T00:00', '02-14T00:00', '02-20T00:00']);
});

test('months that are too short are left out, and so are years without a leap day', (t) => {
  t.deepEqual(nextOf('0 0 31 * *', '2026-01-31T00:00Z', 3), ['03-31T00:00', '05-31T00:00', '07-31T00:00']);
  const schedule = parseSchedule('0 0 29 2 *', 'UTC');
  t.is(schedule.next(Date.parse('2026-01-01T00:00Z')), Date.parse('2028-02-29T00:00Z'));
  // 2100 is no leap year.
  t.is(schedule.next(Date.parse('2097-01-01T00:00Z')), Date.parse('2104-02-29T00:00Z'));
});

test('in March the hour from 2 to 3 is skipped: what runs daily runs at 3, what runs every so often just goes on', (t) => {
  const berlin = 'Europe/Berlin';
  t.deepEqual(nextOf('30 2 * * *', '2026-03-27T12:00Z', 3, berlin), ['03-28T01:30', '03-29T01:00', '03-30T00:30']);
  t.deepEqual(nextOf('0 2,14 * * *', '2026-03-28T20:00Z', 3, berlin), ['03-29T01:00', '03-29T12:00', '03-30T00:00']);
  t.deepEqual(nextOf('*/30 * * * *', '2026-03-29T00:00Z', 3, berlin), ['03-29T00:30', '03-29T01:00', '03-29T01:30']);
  t.deepEqual(nextOf('@hourly', '2026-03-28T23:00Z', 3, berlin), ['03-29T00:00', '03-29T01:00', '03-29T02:00']);
  // Half past is in the skipped hour, and an hourly run has no need of a substitute.
  t.deepEqual(nextOf('30 * * * *', '2026-03-29T00:00Z', 2, berlin), ['03-29T00:30', '03-29T01:30']);
});

test('in October the hour from 2 to 3 comes twice: what runs daily runs the first time, what runs every so often both times', (t) => {
  const berlin = 'Europe/Berlin';
  t.deepEqual(nextOf('30 2 * * *', '2026-10-24T12:00Z', 2, berlin), ['10-25T00:30', '10-26T01:30']);
  t.deepEqual(nextOf('0 2-3 * * *', '2026-10-24T12:00Z', 3, berlin), ['10-25T00:00', '10-25T02:00', '10-26T01:00']);
  t.deepEqual(nextOf('*/30 * * * *', '2026-10-24T23:30Z', 5, berlin), [
    '10-25T00:00',
    '10-25T00:30',
    '10-25T01:00',
    '10-25T01:30',
    '10-25T02:00',
  ]);
});

const refused: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /1 field/],
  ['* * * *', /it has 4 fields: expected five/],
  ['0 * * * * *', /it has 6 fields/],
  ['0 0 * * * * 2026', /it has 7 fields/],
  ['60 * * * *', /minute "60": "60" is not 0 to 59/],
  ['* 24 * * *', /hour "24"/],
  ['* * 0 * *', /day of month "0": "0" is not 1 to 31/],
  ['* * * 13 *', /month "13": "13" is not 1 to 12, or jan to dec/],
  ['* * * * 8', /weekday "8": "8" is not 0 to 7, or sun to sat/],
  ['* * * * tues', /"tues" is not 0 to 7/],
  ['* * L * *', /"l" is not 1 to 31/],
  ['* * 15W * *', /"15w"/],
  ['* * * * fri#2', /"fri#2"/],
  ['? * * * *', /"\?"/],
  ['*/0 * * * *', /a step is a whole number from 1 to 59/],
  ['*/60 * * * *', /a step is a whole number/],
  ['5/10 * * * *', /a step wants a range before it: 5-59\/10/],
  ['*/5/5 * * * *', /no value, range or step/],
  ['1,,2 * * * *', /a value is missing/],
  ['30-10 * * * *', /30-10 goes backwards/],
  ['* * * * sat-mon', /sat-mon goes backwards/],
  ['1-2-3 * * * *', /is no range/],
  ['-1 * * * *', /"" is not 0 to 59/],
  ['1.5 * * * *', /"1\.5" is not/],
  ['@reboot', /is none of @hourly/],
  ['@constructor', /is none of @hourly/],
  ['0 0 30 2 *', /never happens/],
  ['0 0 31 4,6,9,11 *', /never happens/],
];
for (const [text, why] of refused) {
  test(`no schedule: "${text}"`, (t) => {
    t.is(t.throws(() => parseSchedule(text, 'UTC'), { instanceOf: MeshError, message: why })?.code, 'usage');
  });
}

test('time zones are names', (t) => {
  for (const timezone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires'])
    t.is(parseSchedule('@daily', timezone).timezone, timezone);
  for (const timezone of ['', 'Mars', '+02:00', 'Europe/', 'UTC+2', '__proto__'])
    t.throws(() => parseSchedule('@daily', timezone), { instanceOf: MeshError, message: /is no time zone/ }, timezone);
});

const field = (min: number, max: number): fc.Arbitrary<{ text: string; has: (value: number) => boolean }> =>
  fc.oneof(
    fc.constant({ text: '*', has: () => true }),
    fc.integer({ min, max }).map((one) => ({ text: `${one}`, has: (value: number) => value === one })),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min: 1, max: 5 })).map(([a, b, step]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return { text: `${low}-${high}/${step}`, has: (value: number) => value >= low && value <= high && (value - low) % step === 0 };
    }),
  );

test('the next time is later, matches every field, and none between does', (t) => {
  fc.assert(
    fc.property(
      field(0, 59),
      field(0, 23),
      field(1, 28),
      field(1, 12),
      fc.integer({ min: Date.parse('2000-01-01'), max: Date.parse('2100-01-01') }),
      (minute, hour, day, month, after) => {
        const next = parseSchedule(`${minute.text} ${hour.text} ${day.text} ${month.text} *`, 'UTC').next(after)!;
        const matches = (time: Date): boolean =>
          minute.has(time.getUTCMinutes()) &&
          hour.has(time.getUTCHours()) &&
          day.has(time.getUTCDate()) &&
          month.has(time.getUTCMonth() + 1);
        t.true(next > after && next % 60_000 === 0 && matches(new Date(next)));
        // A year of minutes is too much to look at; the half day before is not.
        const from = Math.max(after, next - 0.5 * 86_400_000);
        for (let time = Math.floor(from / 60_000) * 60_000 + 60_000; time < next; time += 60_000)
          if (matches(new Date(time))) t.fail(`${time}`);
      },
    ),
    { numRuns: 50 },
  );
});

test('in any zone the next time is later, and not later than that of an earlier moment after it', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('*/7 * * * *', '30 2 * * *', '0 1-3 * * *', '15,45 * * * sun', '@monthly'),
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'),
      fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') }),
      fc.integer({ min: 0, max: 40 * 86_400_000 }),
      (text, timezone, after, later) => {
        const schedule = parseSchedule(text, timezone);
        const next = schedule.next(after)!;
        t.true(next > after);
        t.true(schedule.next(after + later)! >= next);
        if (after + later < next) t.is(schedule.next(after + later), next);
      },
    ),
    { numRuns: 80 },
  );
});

test('what was missed: the latest, and how many before', (t) => {
  const daily = parseSchedule('@daily', 'UTC');
  const at = (text: string): number => Date.parse(text);
  const days = (...texts: string[]): number[] => texts.map((day) => at(`2026-01-${day}T00:00Z`));
  t.deepEqual(dueBetween(daily, at('2026-01-01T00:00Z'), at('2026-01-04T00:00Z'), 9), { due: days('02', '03', '04'), more: 0 });
  t.deepEqual(dueBetween(daily, at('2026-01-01T00:00Z'), at('2026-01-03T23:59Z'), 1), { due: days('03'), more: 1 });
  t.deepEqual(dueBetween(daily, at('2026-01-01T00:00Z'), at('2026-01-20T12:00Z'), 2), { due: days('19', '20'), more: 17 });
  t.deepEqual(dueBetween(daily, at('2026-01-01T00:00Z'), at('2026-01-03T00:00Z'), 0), { due: [], more: 2 });
  t.deepEqual(dueBetween(daily, at('2026-01-01T00:00Z'), at('2026-01-01T00:00Z'), 5), { due: [], more: 0 });
  t.deepEqual(dueBetween(daily, at('2026-01-02T00:00Z'), at('2026-01-01T00:00Z'), 5), { due: [], more: 0 });
  const minutely = parseSchedule('* * * * *', 'UTC');
  const decade = dueBetween(minutely, at('2026-01-01T00:00Z'), at('2036-01-01T00:00Z'), 3);
  t.is(decade.more, MORE_MAX);
  t.deepEqual(
    decade.due,
    [2, 1, 0].map((minutes) => at('2036-01-01T00:00Z') - minutes * 60_000),
  );
});

test('no time is missed, and none is due twice, however the time is cut', (t) => {
  const cuts = fc.array(fc.integer({ min: 1, max: 3 * 86_400_000 }), { minLength: 1, maxLength: 12 });
  const schedule = parseSchedule('17 */5 * * *', 'Europe/Berlin');
  fc.assert(
    fc.property(cuts, (lengths) => {
      const begin = Date.parse('2026-03-27T00:00Z');
      const pieces: number[] = [];
      let from = begin;
      for (const length of lengths) {
        pieces.push(...dueBetween(schedule, from, from + length, 1000).due);
        from += length;
      }
      t.deepEqual(pieces, [...dueBetween(schedule, begin, from, 1000).due]);
    }),
    { numRuns: 25 },
  );
});

test('the beginning does not belong to what is asked for, the end does', (t) => {
  const everyMs = { next: (afterMs: number) => afterMs + 1 };
  t.deepEqual(dueBetween(everyMs, 0, 10, 3), { due: [8, 9, 10], more: 7 });
  t.deepEqual(dueBetween(everyMs, 9, 10, 3), { due: [10], more: 0 });
});
