import test from 'ava';
import fc from 'fast-check';
import { Quarantine } from '../../../controller/recovery/quarantine.ts';

test('without a crash there is nothing to be careful about', (t) => {
  const quarantine = new Quarantine();
  quarantine.acknowledged(40n);
  t.is(quarantine.windowMax, undefined);
});

test('after a crash frames go one at a time until all that were on their way are through', (t) => {
  const quarantine = new Quarantine();
  quarantine.acknowledged(4n);
  t.is(quarantine.crashed(4n, 7n, 'killed'), undefined);
  for (const next of [4n, 5n, 6n, 7n]) {
    quarantine.acknowledged(next);
    t.is(quarantine.windowMax, 1);
  }
  quarantine.acknowledged(8n);
  t.is(quarantine.windowMax, undefined);
});

test('a frame that was alone at three crashes is failed with the cause of the last', (t) => {
  const quarantine = new Quarantine();
  t.is(quarantine.crashed(4n, 7n, 'killed'), undefined);
  quarantine.acknowledged(5n);
  t.is(quarantine.crashed(5n, 5n, 'killed'), undefined);
  t.is(quarantine.crashed(5n, 5n, 'aborted'), undefined);
  t.deepEqual(quarantine.crashed(5n, 5n, 'out of memory'), { frame: 5n, cause: 'out of memory' });
  t.is(quarantine.windowMax, 1, 'the others are still suspects');
  quarantine.acknowledged(6n);
  t.is(quarantine.windowMax, 1);
  quarantine.acknowledged(8n);
  t.is(quarantine.windowMax, undefined);
});

test('a frame that comes through at last is innocent, and its crashes count for no other', (t) => {
  const quarantine = new Quarantine();
  quarantine.crashed(0n, 0n, 'killed');
  quarantine.crashed(0n, 0n, 'killed');
  quarantine.acknowledged(1n);
  t.is(quarantine.windowMax, undefined);
  t.is(quarantine.crashed(1n, 1n, 'killed'), undefined);
  t.is(quarantine.crashed(1n, 1n, 'killed'), undefined);
  t.deepEqual(quarantine.crashed(1n, 1n, 'killed'), { frame: 1n, cause: 'killed' });
});

test('crashes with several frames on their way speak against none of them', (t) => {
  const quarantine = new Quarantine();
  for (let crash = 0; crash < 10; crash += 1) t.is(quarantine.crashed(3n, 5n, 'killed'), undefined);
});

test('a crash without frames on their way is no frame’s fault', (t) => {
  const quarantine = new Quarantine();
  quarantine.acknowledged(3n);
  for (let crash = 0; crash < 5; crash += 1) t.is(quarantine.crashed(3n, 2n, 'killed while loading'), undefined);
  t.is(quarantine.windowMax, undefined);
  t.is(new Quarantine().crashed(3n, 2n, 'killed while loading'), undefined);
});

test('a crash without frames on their way does not count for the next one', (t) => {
  const quarantine = new Quarantine();
  quarantine.crashed(3n, 2n, 'killed while loading');
  quarantine.crashed(3n, 3n, 'killed');
  t.is(quarantine.crashed(3n, 3n, 'killed'), undefined);
  t.truthy(quarantine.crashed(3n, 3n, 'killed'));
});

test('a crash that is reported after its frames were acknowledged speaks against none', (t) => {
  const quarantine = new Quarantine();
  quarantine.acknowledged(9n);
  for (let crash = 0; crash < 5; crash += 1) t.is(quarantine.crashed(8n, 8n, 'killed'), undefined);
  t.is(quarantine.crashed(5n, 8n, 'killed'), undefined);
  t.is(quarantine.windowMax, undefined);
});

test('late and repeated acknowledgements change nothing', (t) => {
  const quarantine = new Quarantine();
  quarantine.acknowledged(5n);
  quarantine.crashed(5n, 6n, 'killed');
  quarantine.acknowledged(3n);
  quarantine.acknowledged(5n);
  t.is(quarantine.windowMax, 1);
});

test('frames that are given up one after the other are counted: it is hardly the frames’ fault', (t) => {
  const quarantine = new Quarantine();
  const giveUp = (frame: bigint) => {
    for (let crash = 0; crash < 3; crash += 1) quarantine.crashed(frame, frame, 'killed');
    quarantine.acknowledged(frame + 1n);
  };
  giveUp(0n);
  giveUp(1n);
  t.is(quarantine.failedInARow, 2);
  quarantine.crashed(2n, 2n, 'killed');
  t.is(quarantine.failedInARow, 2, 'this one may come through');
  quarantine.acknowledged(3n);
  t.is(quarantine.failedInARow, 0);
  giveUp(3n);
  t.is(quarantine.failedInARow, 1);
});

test('what a crash says of frames before it counts like an acknowledgement', (t) => {
  const quarantine = new Quarantine();
  for (const frame of [0n, 1n]) for (let crash = 0; crash < 3; crash += 1) quarantine.crashed(frame, frame, 'killed');
  quarantine.acknowledged(2n);
  t.is(quarantine.failedInARow, 2);
  t.is(quarantine.windowMax, undefined);
});

/** Sends frames as a source does that obeys the quarantine; the stage dies of some of them, and now and then for no reason. */
test('whatever kills a stage: frames that kill it are failed, no other is, and the window opens again', (t) => {
  const run = fc.record({
    frames: fc.integer({ min: 1, max: 40 }),
    window: fc.integer({ min: 1, max: 8 }),
    deadly: fc.uniqueArray(fc.nat(39), { maxLength: 6 }),
    /** Before how many more frames the stage dies of something else; not often enough to hit a frame three times. */
    accidents: fc.array(fc.integer({ min: 3, max: 20 }), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(run, ({ frames, window, deadly, accidents }) => {
      const quarantine = new Quarantine();
      const failed: number[] = [];
      let next = 0;
      let crashes = 0;
      let untilAccident = accidents.shift();
      while (next < frames) {
        const newest = Math.min(frames, next + (quarantine.windowMax ?? window)) - 1;
        const accident = untilAccident === 0;
        untilAccident = accident ? accidents.shift() : untilAccident === undefined ? undefined : untilAccident - 1;
        if (accident || deadly.includes(next)) {
          crashes += 1;
          const given = quarantine.crashed(BigInt(next), BigInt(newest), 'killed');
          if (given === undefined) continue;
          t.is(given.frame, BigInt(next));
          failed.push(next);
        }
        next += 1;
        quarantine.acknowledged(BigInt(next));
      }
      const guilty = deadly.filter((frame) => frame < frames).sort((a, b) => a - b);
      t.deepEqual(failed, guilty);
      t.is(quarantine.windowMax, undefined);
      t.true(crashes <= 4 * guilty.length + 6);
    }),
  );
});
