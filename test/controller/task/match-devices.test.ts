import test from 'ava';
import fc from 'fast-check';
import { ordered, refusals, type Wanted, whyNot } from '../../../controller/task/match-devices.ts';
import type { Device, Presence } from '../../../mesh/device.ts';
import { recordOf } from '../report/sweep-fixture.ts';

const { device } = recordOf({}).environment;
const named = (name: string, more: Partial<Device> = {}): Device => ({ ...device, name, ...more });
const present = (
  name: string,
  { stages = 0, draining = false, ...more }: { stages?: number; draining?: boolean } & Partial<Device> = {},
): Presence => ({
  ...{ beat: 1, incarnation: 'i', device: named(name, more), load: {}, stages: Array.from({ length: stages }) as never, draining },
  ...{ protocolVersion: 1, softwareVersion: '1', leaving: false },
});
const any: Wanted = { name: undefined, arch: undefined, memoryBytesMin: undefined };
const fits = (pattern: string, name: string): boolean => whyNot({ ...any, name: pattern }, named(name)) === undefined;
const namesOf = (all: readonly Presence[]) => all.map((each) => each.device.name);

for (const [pattern, good, bad] of [
  ['pi1', ['pi1'], ['pi', 'pi11', 'xpi1', 'PI1']],
  ['pi*', ['pi', 'pi1', 'pi-lab-2'], ['p', 'xpi1']],
  ['*-lab', ['-lab', 'pi-lab'], ['pi-lab2']],
  ['pi?', ['pi1'], ['pi', 'pi12']],
  ['*i*2', ['pi2', 'pi12', 'i2', 'pi2-2'], ['pi21', 'p2']],
  ['a.b', ['a.b'], ['axb']],
  ['a+(b)[c]$^|{2}\\d', ['a+(b)[c]$^|{2}\\d'], ['aab', '1']],
  ['*', ['', 'pi1'], []],
  ['', [''], ['pi1']],
] as const) {
  test(`devices whose names fit "${pattern}"`, (t) => {
    for (const name of good) t.true(fits(pattern, name), name);
    for (const name of bad) t.false(fits(pattern, name), name);
  });
}

test('a pattern fits what a regular expression fits', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 7 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (glob, name) => {
      const expression = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`);
      t.is(fits(glob, name), expression.test(name), `${glob} ${name}`);
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern of many stars takes no longer than others', (t) => {
  const started = performance.now();
  t.false(fits('*a'.repeat(31).concat('*b'), 'a'.repeat(64)));
  t.false(fits('*'.repeat(63).concat('b'), 'a'.repeat(64)));
  t.true(performance.now() - started < 1_000);
});

test('architecture and memory are as they are told, memory below a limit', (t) => {
  const small = named('pi1', { memoryBytes: 2 ** 30, memoryLimitBytes: 2 ** 29 });
  t.is(whyNot({ ...any, arch: 'x64' }, named('pi1')), 'it is arm64, not x64');
  t.is(whyNot({ ...any, arch: 'arm64' }, named('pi1')), undefined);
  t.is(whyNot({ ...any, memoryBytesMin: 2 ** 29 }, small), undefined);
  t.is(whyNot({ ...any, memoryBytesMin: 2 ** 29 + 1 }, small), 'it has 512 MiB of memory, and 512 MiB are wanted');
  t.is(whyNot({ ...any, name: 'pi?' }, named('q')), 'it is not called pi?');
});

test('those of the last time come first, in their order; then the least busy; then by name', (t) => {
  const all = [present('d', { stages: 1 }), present('c'), present('b', { stages: 2 }), present('a', { stages: 2 }), present('e')];
  t.deepEqual(namesOf(ordered(all, any, [])), ['c', 'e', 'd', 'a', 'b']);
  t.deepEqual(namesOf(ordered(all, any, ['b', 'gone', 'd'])), ['b', 'd', 'c', 'e', 'a']);
  t.deepEqual(namesOf(all), ['d', 'c', 'b', 'a', 'e']);
});

test('who is drained, or is not as wanted, is left out, and it is said why', (t) => {
  const all = [present('a', { draining: true }), present('b', { arch: 'x64' }), present('c')];
  const wanted = { ...any, arch: 'arm64' };
  t.deepEqual(namesOf(ordered(all, wanted, ['a', 'b', 'c'])), ['c']);
  t.deepEqual(refusals(all, wanted), ['a: it is being drained', 'b: it is x64, not arm64', 'c: it will do']);
});
