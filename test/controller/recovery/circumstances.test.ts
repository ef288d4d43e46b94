import test from 'ava';
import fc from 'fast-check';
import { Circumstances } from '../../../controller/recovery/circumstances.ts';

const calm = { devices: ['pa', 'pb'], plan: 'p', slowness: new Map([['pa', 1]]), speed: new Map([['pa pb', 100]]) };
const changes: readonly (readonly [what: string, now: typeof calm, expected: boolean])[] = [
  ['nothing', calm, false],
  ['the order of devices', { ...calm, devices: ['pb', 'pa'] }, false],
  ['a device that has joined', { ...calm, devices: ['pa', 'pb', 'pc'] }, true],
  ['a device that has gone', { ...calm, devices: ['pa'] }, true],
  ['another plan', { ...calm, plan: 'q' }, true],
  ['a device a little slower', { ...calm, slowness: new Map([['pa', 1.2]]) }, false],
  ['a slow device', { ...calm, slowness: new Map([['pa', 1.8]]) }, true],
  ['a link that is measured for the first time', { ...calm, speed: new Map([...calm.speed, ['pb sink', 3]]) }, false],
  ['a link with half its speed, almost', { ...calm, speed: new Map([['pa pb', 51]]) }, false],
  ['a link that has collapsed', { ...calm, speed: new Map([['pa pb', 5]]) }, true],
  ['a link that is good again', { ...calm, speed: new Map([['pa pb', 500]]) }, true],
];
for (const [what, now, expected] of changes) {
  test(`${what} ${expected ? 'is a change' : 'is none'}`, (t) => {
    const circumstances = new Circumstances();
    t.false(circumstances.changed(calm), 'the first look is at what the run began with');
    t.is(circumstances.changed(now), expected);
    t.false(circumstances.changed(now), 'a change is one once');
  });
}

test('whatever noise does within its bounds, nothing has changed', (t) => {
  const noise = (most: number) => fc.double({ min: 1 / most, max: most, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(noise(1.24), noise(1.41))), (looks) => {
      const circumstances = new Circumstances();
      circumstances.changed(calm);
      for (const [slowness, speed] of looks) {
        const now = { ...calm, slowness: new Map([['pa', Math.max(1, slowness)]]), speed: new Map([['pa pb', 100 * speed]]) };
        t.false(circumstances.changed(now));
      }
    }),
  );
});
