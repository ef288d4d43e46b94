/** The benchmark of the codecs, small: what it says of sizes and results is checked, what it says of time is not. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import test from 'ava';
import type { Report } from '../../bench/support/report.ts';
import { sharedCache } from '../helpers/shared-cache.ts';

async function run(...args: readonly string[]): Promise<Report> {
  const { SPLITMESH_C_BLOSC2: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ['bench/codec.ts', '--rounds', '1', '--ms', '1', '--cuts', '1', '--images', '2', '--json', ...args],
    {
      env: { ...env, XDG_CACHE_HOME: sharedCache() },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    return JSON.parse(out) as Report;
  } catch {
    throw new Error(`bench/codec.ts printed no report: ${out}${error}`);
  }
}

test('the benchmark of the codecs runs and reports every part', async (t) => {
  const { rows, tables = [] } = await run();
  const value = (what: string): number => rows.find((row) => row.what === what)?.value ?? Number.NaN;
  const line = (title: RegExp, first: string, second?: string) =>
    tables
      .find((table) => title.test(table.title))
      ?.lines.find((cells) => cells[0] === first && (second === undefined || cells[1] === second));

  t.true(value('a chunk becomes larger by, at most, in all of these codecs') <= 32);
  t.true(value('a Blosc2 chunk of random bytes is larger by') <= 32);
  for (const module of ['blosc2', 'blosc2-simd', 'activations', 'activations-simd']) t.true(value(`${module}.wasm`) <= 120, module);
  for (const what of ['fp16: encode', 'int8: decode', 'shuffle ÷ memory.copy, 512 KiB', 'lz4 5 shuffle: compress ÷ numcodecs']) {
    t.true(value(what) > 0, what);
  }

  // Same codec, level and filter: what numcodecs writes is as large as what we write, but for 16 bytes of header.
  const sizeRatio = line(/numcodecs/, 'mobilenetv2 5')![1] as number;
  t.true(Math.abs(sizeRatio - 1) < 0.02, `${sizeRatio}`);
  t.true((line(/^fp16$/, 'mobilenetv2 5')![1] as number) >= 2);
  t.is(line(/^fp16$/, 'incompressible')![4], 'none', 'random bits hold NaN and do not shrink');

  const [, , , top1, , , maxAbs] = line(/^fidelity/, 'mobilenetv2 5', 'trunc:12')!;
  t.is(top1, '100.0 %');
  t.true((maxAbs as number) > 0 && (maxAbs as number) < 0.01);
});
