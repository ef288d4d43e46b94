import test from 'ava';
import { isThrashing, type RecentUse, THRASHING_MS, ThrashWatch } from '../../../agent/bench/thrashing.ts';

const well: RecentUse = { memoryShare: 0.97, memoryStall: 0, majorFaultsPerS: 0, userShare: 0.9 };
/** As it was measured: see thrashing.ts. */
const hung: RecentUse = { memoryShare: 1, memoryStall: 0.38, majorFaultsPerS: 69, userShare: 0.003 };

const situations: readonly (readonly [what: string, recent: RecentUse, thrashing: boolean])[] = [
  ['it computes', well, false],
  ['it sleeps with its memory full', { ...well, userShare: 0 }, false],
  ['it computes and reads much', { ...well, majorFaultsPerS: 5_000 }, false],
  ['it hardly computes, and its pages come from disk', { ...well, majorFaultsPerS: 5_000, userShare: 0.05 }, true],
  ['as it was measured', hung, true],
  ['the kernel says that all of it waits for memory', { ...well, memoryStall: 0.8 }, true],
  ['the kernel does not say how long it computed', { ...hung, userShare: undefined, memoryStall: undefined }, false],
  ['the same with room to spare: it only reads', { ...hung, memoryShare: 0.5 }, false],
  ['the same without a limit', { ...hung, memoryShare: undefined }, false],
];
for (const [what, recent, thrashing] of situations) {
  test(`${what}: ${thrashing ? 'thrashing' : 'not thrashing'}`, (t) => t.is(isThrashing(recent), thrashing));
}

test('a run is given up when it has thrashed without a pause', (t) => {
  const watch = new ThrashWatch();
  t.false(watch.look(hung, 1000));
  t.false(watch.look(hung, 1000 + THRASHING_MS - 1));
  t.false(watch.look(well, 1000 + THRASHING_MS));
  t.false(watch.look(hung, 2000 + THRASHING_MS));
  t.true(watch.look(hung, 2000 + 2 * THRASHING_MS));
});
