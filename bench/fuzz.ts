/**
 * Hostile bytes against every decoder of blosc2.wasm and activations.wasm (what must hold: support/fuzz/targets.ts). Ends with 1 and the bytes
 * when something did not hold.
 *
 *     node bench/fuzz.ts [--cases 1000000] [--seed N]        without a seed, the time of day chooses one; it is printed
 */
import { parseArgs } from 'node:util';
import { Finding } from './support/fuzz/outcome.ts';
import { fuzz } from './support/fuzz/run.ts';

/** A case takes microseconds; on a busy machine the scheduler may take a while. */
const MS_MAX = 5000;

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '1000000' }, seed: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const cases = Number(values.cases);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
if (!values.json) console.log(`\nfuzz: ${cases} cases of seed ${seed}`);
const started = performance.now();
try {
  const tallies = fuzz(seed, cases, MS_MAX, () => performance.now());
  const seconds = (performance.now() - started) / 1000;
  if (values.json) {
    const rows = tallies.map(({ verdicts, ...tally }) => ({ ...tally, verdicts: Object.fromEntries(verdicts) }));
    console.log(JSON.stringify({ benchmark: 'fuzz', seed, cases, seconds, rows }));
  } else {
    for (const { target, cases, verdicts, slowest } of tallies) {
      const shares = [...verdicts].map(([verdict, count]) => `${verdict} ${((100 * count) / cases).toFixed(1)} %`).join(', ');
      console.log(`  ${target.padEnd(8)} ${String(cases).padStart(8)} cases   slowest ${slowest.ms.toFixed(1).padStart(6)} ms   ${shares}`);
    }
    console.log(`  nothing found in ${seconds.toFixed(0)} s`);
  }
} catch (thrown) {
  if (!(thrown instanceof Finding)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 1;
}
