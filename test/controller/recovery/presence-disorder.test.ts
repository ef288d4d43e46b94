import test from 'ava';
import fc from 'fast-check';
import { PresenceWatch } from '../../../controller/recovery/presence-watch.ts';
import { beatOf, type Step, watched } from './presence-steps.ts';

/** Of each life of an agent: how long it lasts and how long nobody is there afterwards, and of each beat how late it is and how often it comes. */
const life = fc.record({
  upMs: fc.integer({ min: 2_000, max: 8_000 }),
  downMs: fc.integer({ min: 0, max: 8_000 }),
  orderly: fc.boolean(),
  lateMs: fc.infiniteStream(fc.integer({ min: 0, max: 700 })),
  twice: fc.infiniteStream(fc.boolean()),
});

test('agents that start, stop and crash, beats that are late, repeated and overtake each other: each life is seen once, each death in time', (t) => {
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 4 }), (lives) => {
      const steps: Step[] = [];
      const ends: number[] = [];
      let startMs = 0;
      for (const [number, { upMs, downMs, orderly, lateMs, twice }] of lives.entries()) {
        const endMs = startMs + upMs;
        const send = (beat: number, sentMs: number, leaving: boolean) => {
          const message = beatOf(`${'abcd'[number]}${beat}`, { leaving });
          for (const _ of twice.next().value === true ? [1, 2] : [1]) steps.push([sentMs + Number(lateMs.next().value), message]);
        };
        const beats = Math.ceil(upMs / 1000);
        for (let beat = 0; beat < beats; beat += 1) send(beat, startMs + beat * 1000, false);
        if (orderly) send(beats, endMs, true);
        ends.push(endMs);
        startMs = endMs + downMs;
      }
      const seen = watched(
        steps.sort(([a], [b]) => a - b),
        startMs + 5_000,
      ).map((line) => ({ atMs: Number(line.split(' ')[0]), kind: line.split(' ')[1]! }));
      const begun = seen.filter(({ kind }) => ['joined', 'rejoined'].includes(kind));
      t.is(begun.length, lives.length);
      t.false(seen.some(({ kind }) => kind === 'returned'));
      for (const [index, { atMs, kind }] of seen.entries()) {
        if (kind !== 'gone') continue;
        const died = ends.filter((endMs) => endMs <= atMs).length;
        const begunBefore = seen.slice(0, index).filter((each) => begun.includes(each)).length;
        t.true(begunBefore <= died, `gone at ${atMs} ms, but alive`);
      }
      const last = seen.at(-1)!;
      t.is(last.kind, 'gone');
      t.true(last.atMs <= ends.at(-1)! + 700 + 3_250 + 250);
    }),
  );
});

test('whatever arrived in whatever order, a few seconds later the agent that beats is the one that is believed', (t) => {
  const message = fc.record({
    afterMs: fc.integer({ min: 0, max: 1_500 }),
    incarnation: fc.constantFrom('a', 'b', 'c', 'd'),
    beat: fc.nat(20),
    leaving: fc.boolean(),
    draining: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
      const watch = new PresenceWatch();
      let nowMs = 0;
      for (const { afterMs, ...beat } of messages) {
        nowMs += afterMs;
        watch.look(nowMs);
        // An agent says nothing after its last word.
        watch.heard({ device: 'pi1', ...beat, leaving: beat.leaving && beat.incarnation !== 'd' }, nowMs);
      }
      for (let beat = 21; beat < 27; beat += 1) {
        nowMs += 1_000;
        watch.look(nowMs);
        watch.heard(beatOf(`d${beat}`), nowMs);
      }
      t.deepEqual(watch.of('pi1'), { incarnation: 'd', liveness: 'alive', draining: false });
    }),
  );
});
