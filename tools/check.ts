/**
 * `make check`: everything that can be said about the repository without running it. All steps run, whatever fails; what a step has to
 * say is shown only when it fails.
 */
import { spawnSync } from 'node:child_process';

const steps: readonly (readonly [what: string, program: string, ...args: string[]])[] = [
  ['types', 'tsc', '-p', '.'],
  ['lint and format', 'biome', 'check', '--error-on-warnings', '.'],
  ['imports and cycles', 'depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'err', '.'],
  ['wire contract', 'buf', 'lint'],
  ['generated code', 'node', 'tools/generated.ts'],
  ['generated schema', 'node', 'tools/descriptor-schema.ts', '--compare'],
  ['compiled wasm', 'node', 'tools/wasm.ts', '--compare'],
  ['tidiness', 'node', 'tools/tidy.ts'],
];

let failed = 0;
for (const [what, program, ...args] of steps) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${what} (${seconds} s)`);
  if (status === 0) continue;
  failed++;
  console.log(`       ${[program, ...args].join(' ')}`);
  console.log(error === undefined ? `${stdout}${stderr}` : `${error.message}; run \`make setup\`\n`);
}
console.log(`${steps.length - failed} checks passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
