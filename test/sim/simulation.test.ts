/** SIM_SEED: the first seed; SIM_SEEDS: how many. Both have defaults. */
import process from 'node:process';
import test from 'ava';
import { runSeeds } from './seeds.ts';

const first = Number(process.env.SIM_SEED ?? 1);
const count = Number(process.env.SIM_SEEDS ?? 2_000);
/** Per test, so that each says something soon enough. */
const AT_ONCE = 250;

for (let from = first; from < first + count; from += AT_ONCE) {
  const seeds = Math.min(AT_ONCE, first + count - from);
  test.serial(`the mesh keeps its promise whatever breaks: seeds ${from} to ${from + seeds - 1}`, async (t) => {
    const { outcomes, counts, events, wrong } = await runSeeds(from, seeds);
    t.log(`${outcomes} seeds, ${events} events; ${JSON.stringify(counts)}`);
    t.deepEqual(wrong, [], wrong.join('\n\n'));
    // Otherwise the faults would not be worth their name, or the mesh not its own.
    if (seeds < AT_ONCE) return;
    t.true(counts.complete > 0.6 * seeds && counts.recovered > 0.1 * seeds, 'most runs end well, and many of those had to recover');
    // That a process goes on after its epoch was retired is rare: situations.test.ts has it for certain.
    const { continued: _, ...usual } = counts;
    const missing = Object.entries(usual).filter(([, times]) => times === 0);
    t.deepEqual(missing, [], 'everything has happened at least once');
  });
}
