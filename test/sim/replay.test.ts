import test from 'ava';
import { scenarioOf } from './scenario.ts';
import { simulate } from './simulate.ts';

test.serial('the same seed gives the same run to the last event, another seed another one', async (t) => {
  const hashes = new Set<string>();
  // Among them several runs with little memory, frames that kill, and both kinds of successors.
  for (const seed of [1, 2, 24, 28, 59, 61]) {
    const lines: string[][] = [[], []];
    const outcomes = [];
    for (const each of lines) outcomes.push(await simulate(scenarioOf(seed), (line) => each.push(line)));
    t.deepEqual(lines[0], lines[1], `seed ${seed}`);
    t.is(outcomes[0]!.traceHash, outcomes[1]!.traceHash);
    t.is(outcomes[0]!.events, lines[0]!.length);
    hashes.add(outcomes[0]!.traceHash);
  }
  t.is(hashes.size, 6);
});
