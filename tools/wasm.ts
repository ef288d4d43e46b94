/**
 * Compiles wasm/assembly/ into wasm/build/: each entry twice, with SIMD and without. The results are committed, so that nobody needs a
 * compiler to run them; the compiler is pinned, and the same source gives the same bytes everywhere.
 *
 *     node tools/wasm.ts              rewrites wasm/build/ (part of `make gen`)
 *     node tools/wasm.ts --compare    fails when wasm/build/ is not what the source gives (part of `make check`)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file of wasm/assembly/ each; it exports what the host calls. */
const entries = ['blosc2', 'activations'];
/** Nothing is managed by a runtime: functions take addresses and lengths, and the host lays out the memory. */
const options = ['-O3', '--converge', '--runtime', 'stub', '--noAssert'];
/** What a module may weigh. */
const bytesMax = 120_000;

const compare = process.argv.includes('--compare');
const folder = compare ? mkdtempSync(join(tmpdir(), 'splitmesh-wasm-')) : 'wasm/build';
try {
  for (const entry of entries) {
    build(entry, `${entry}.wasm`, []);
    build(entry, `${entry}-simd.wasm`, ['--enable', 'simd']);
  }
} finally {
  if (compare) rmSync(folder, { recursive: true, force: true });
}

function build(entry: string, name: string, more: readonly string[]): void {
  const path = join(folder, name);
  const { status, error } = spawnSync('asc', [`wasm/assembly/${entry}.ts`, ...options, ...more, '--outFile', path], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    fail(error?.message ?? `asc could not compile wasm/assembly/${entry}.ts`);
    return;
  }
  const bytes = readFileSync(path);
  if (bytes.byteLength > bytesMax) fail(`${name} has ${bytes.byteLength} bytes, more than ${bytesMax}`);
  if (compare && !bytes.equals(readFileSync(join('wasm/build', name)))) {
    fail(
      `wasm/build/${name} is not what wasm/assembly gives; if the source was changed on purpose, run \`make gen\` and commit wasm/build`,
    );
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
