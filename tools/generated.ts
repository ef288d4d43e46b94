/**
 * Fails when proto/gen is not what `make gen` makes of proto/. Generates into a temporary folder and compares.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'splitmesh-gen-'));
try {
  run('buf', 'generate', '--output', folder);
  run('diff', '--recursive', '--unified=0', '--label=committed', '--label=generated', 'proto/gen', join(folder, 'proto/gen'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(program: string, ...args: string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(error?.message ?? `${program} failed; if proto/ was changed on purpose, run \`make gen\` and commit proto/gen`);
  process.exitCode = 1;
}
