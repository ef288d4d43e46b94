/**
 * Runs seeds one by one: `node test/sim/replay.ts SEED` prints everything that happens in the simulated run of one seed,
 * `node test/sim/replay.ts FIRST COUNT` only what is wrong in many. Exit code 1 when a property was violated.
 */
import process from 'node:process';
import { scenarioOf } from './scenario.ts';
import { isComplete } from './seeds.ts';
import { formatOutcome, simulate } from './simulate.ts';

const [first, count] = process.argv.slice(2).map(Number);
if (first === undefined || !Number.isSafeInteger(first)) {
  console.error('usage: node test/sim/replay.ts SEED [COUNT]');
  process.exit(2);
}
const startedMs = performance.now();
let events = 0;
let failed = 0;
let bad = 0;
for (let seed = first; seed < first + (count ?? 1); seed += 1) {
  const outcome = await simulate(scenarioOf(seed), count === undefined ? (line) => console.log(line) : undefined);
  events += outcome.events;
  if (!isComplete(outcome)) failed += 1;
  if (outcome.violations.length > 0) bad += 1;
  if (count === undefined || outcome.violations.length > 0) console.log(formatOutcome(outcome));
}
const seconds = (performance.now() - startedMs) / 1000;
console.log(
  `${count ?? 1} seeds, ${bad} with violations, ${failed} not complete; ${events} events in ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} a second`,
);
process.exitCode = bad === 0 ? 0 : 1;
