import test from 'ava';
import fc from 'fast-check';
import { rotations } from '../../../controller/plan/rotations.ts';

const cases = fc.record({
  segments: fc.integer({ min: 1, max: 12 }),
  classes: fc.array(fc.constantFrom('pi', 'box', 'nano'), { minLength: 1, maxLength: 8 }),
  known: fc.uniqueArray(fc.tuple(fc.nat(11), fc.constantFrom('pi', 'box', 'nano')).map(([segment, name]) => `${segment} ${name}`)),
});

test('each segment is measured on each class of device, unless it is known', (t) => {
  fc.assert(
    fc.property(cases, ({ segments, classes, known }) => {
      const chosen = rotations(segments, classes, (segment, name) => known.includes(`${segment} ${name}`));
      const measured = new Set([
        ...known,
        ...chosen.flatMap((places) => places.map((device, segment) => `${segment} ${classes[device]!}`)),
      ]);
      for (let segment = 0; segment < segments; segment += 1) {
        for (const name of classes)
          if (!measured.has(`${segment} ${name}`)) throw new Error(`segment ${segment} is not measured on ${name}`);
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('no rotation is needless, each has a device for each segment, and none holds much more than its part', (t) => {
  fc.assert(
    fc.property(cases, ({ segments, classes, known }) => {
      const measured = new Set(known);
      for (const places of rotations(segments, classes, (segment, name) => known.includes(`${segment} ${name}`))) {
        const own = places.map((device, segment) => `${segment} ${classes[device]!}`);
        if (own.every((each) => measured.has(each))) throw new Error('nothing new is measured');
        for (const each of own) measured.add(each);
        if (places.length !== segments) throw new Error(`${places.length} places for ${segments} segments`);
        const most = Math.max(...classes.map((_, device) => places.filter((place) => place === device).length));
        if (most > Math.ceil(segments / classes.length)) throw new Error(`${most} of ${segments} segments on one device`);
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('when all is known there is nothing to measure', (t) => {
  t.deepEqual(
    rotations(8, ['pi', 'box'], () => true),
    [],
  );
});

test('devices of one class are measured once', (t) => {
  t.deepEqual(
    rotations(4, ['pi', 'pi', 'pi'], () => false),
    [[0, 1, 2, 0]],
  );
  t.is(rotations(4, ['pi', 'box'], () => false).length, 2);
});
