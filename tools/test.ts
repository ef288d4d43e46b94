/**
 * `make test`: the unit tests, then the ones with real processes, both three files at a time (two leave cores idle while they wait). Asked for by
 * name: those that measure (`*.alone.test.ts`), one by one, because they want this machine's cores for themselves, and others that take long. Ends with what failed, which would otherwise have to be looked for above hundreds of lines, and one
 * plain line that counts all tests, so that a run in which nothing ran is seen.
 *
 *     node tools/test.ts [unit] [system] [alone] [faults] [long] [sim] [chaos] [calibration] [links]     those after system only when asked for
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundlePrograms } from './bundle.ts';
import { addTallies, formatTally, readFailures, readTally } from './tally.ts';

const groups: Readonly<Record<string, readonly string[]>> = {
  unit: ['--concurrency=3', '--timeout=2m', 'test/!(system|sim|chaos|calibration|links)/**/*.test.ts'],
  system: ['--concurrency=3', '--timeout=3m', 'test/system/**/!(*.alone|*.faults|*.long).test.ts'],
  alone: ['--serial', '--concurrency=1', '--timeout=3m', 'test/system/**/*.alone.test.ts'],
  faults: ['--concurrency=3', '--timeout=3m', 'test/system/**/*.faults.test.ts'],
  long: ['--serial', '--concurrency=1', '--timeout=5m', 'test/system/**/*.long.test.ts'],
  sim: ['--timeout=15m', 'test/sim/**/*.test.ts'],
  chaos: ['--serial', '--concurrency=1', '--timeout=15m', 'test/chaos/**/*.test.ts'],
  calibration: ['--serial', '--concurrency=1', '--timeout=15m', 'test/calibration/**/*.test.ts'],
  links: ['--serial', '--concurrency=1', '--timeout=15m', 'test/links/**/*.test.ts'],
};
/** `make test`; each of the others has a target of its own. */
const always = new Set(['unit', 'system']);

/**
 * Compiled code of this run's processes, of which there are more than a thousand: the first of a kind leaves it here, and the others start
 * three times as fast. Of this run alone, so that nothing is older than the sources.
 */
const compiled = mkdtempSync(join(tmpdir(), 'splitmesh-test-compiled-'));
/** The programs as they are installed, unless somebody has made them already. Below the repository: there they find their packages. */
mkdirSync('.cache', { recursive: true });
const bundled = process.env.SPLITMESH_TEST_PROGRAMS === undefined ? mkdtempSync(resolve('.cache/test-programs-')) : undefined;
process.once('exit', () => {
  for (const folder of [compiled, bundled]) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

async function run(name: string, args: readonly string[]) {
  console.log(`── ${name} tests`);
  const env = { NODE_COMPILE_CACHE: compiled, SPLITMESH_TEST_PROGRAMS: bundled, ...process.env };
  const ava = spawn('ava', args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let output = '';
  ava.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const [code] = await once(ava, 'close');
  return { name, tally: readTally(output, code as number | null), failures: readFailures(output, code as number | null) };
}

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (groups[name] !== undefined) continue;
  console.error(`test: error: there is no group "${name}", only ${Object.keys(groups).join(', ')}`);
  process.exit(2);
}
if (bundled !== undefined) await bundlePrograms(bundled);
const runs: Awaited<ReturnType<typeof run>>[] = [];
for (const [name, args] of Object.entries(groups))
  if (wanted.length === 0 ? always.has(name) : wanted.includes(name)) runs.push(await run(name, args));

for (const { name, failures } of runs) if (failures.details !== '') console.log(`── what failed of the ${name} tests\n${failures.details}`);
for (const { name, failures } of runs) for (const failed of failures.names) console.log(`failed (${name}): ${failed}`);
const total = addTallies(runs.map(({ tally }) => tally));
console.log(formatTally(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
