/** A source that is too fast for its pipeline, with real processes: what is dropped, what comes out, and what it takes of memory. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { RunReport } from '../../controller/report/run-report.ts';
import { NpyReader } from '../../controller/run/npy-reader.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { residentMemory } from '../helpers/proc.ts';
import { writeModelFile } from './run-models.ts';
import { run } from './run-report.ts';

/** Far more than one frame at a time can be through processes, whatever the machine. */
const RATE = 20_000;

for (const policy of ['oldest', 'newest'] as const) {
  test.serial(
    `frames that can not go in time are dropped (${policy}) and counted; those that go are the right ones, in order`,
    async (t) => {
      const mesh = await startMesh(t, { nats: false });
      const model = await writeModelFile(mesh.folder, 'chain');
      const output = join(mesh.folder, 'y.npy');
      const report = join(mesh.folder, 'report');
      const frames = 2 * RATE;
      const dropping = ['--rate', String(RATE), '--window', '1', '--drop', policy, '--deadline', '50'];
      const files = ['--verify', '500', '--output', output, '--report', report];
      const {
        frames: counts,
        verify,
        latencyMs,
      } = await run(mesh, '--split', `${model}@layer1`, '--frames', String(frames), ...dropping, ...files);
      t.like(counts, { offered: frames, drop: { policy, deadlineMs: 50 }, received: counts.sent, lost: 0, duplicated: 0, outOfOrder: 0 });
      t.is(counts.sent + counts.dropped!, frames);
      t.true(counts.dropped! > frames / 2, JSON.stringify(counts));
      if (policy === 'oldest') t.true(latencyMs!.p50 < 1_000, `none waits much longer than the deadline: ${latencyMs!.p50} ms`);
      await using reader = await NpyReader.open(join(mesh.folder, 'y.frames.npy'));
      const { dims, data } = await reader.all();
      const kept = [...new BigInt64Array(data.slice().buffer)].map(Number);
      t.deepEqual(dims, [counts.sent]);
      t.true(kept.every((index, row) => (row === 0 ? index === 0 : index > kept[row - 1]!)));
      const compared = kept.filter((index) => index < 500).length;
      t.like(verify, { compared, maxUlp: 0, passed: true });
      const [head, ...lines] = (await readFile(join(report, 'frames.csv'), 'utf8')).trim().split('\n');
      t.true(head!.startsWith('frame,input,start_ms,'));
      t.deepEqual(
        lines.map((line) => line.split(',').slice(0, 2).map(Number)),
        kept.map((index, id) => [id, index]),
      );
    },
  );
}

/** Minutes of it are for whoever has the time: OVERLOAD_S=300. */
const SECONDS = Number(process.env.OVERLOAD_S ?? 12);
/** A heap grows and is collected in steps of a few megabytes. */
const NOISE_BYTES = 32 * 2 ** 20;

test.serial('while a source is far too fast the memory of the controller stays what it was', async (t) => {
  t.timeout((SECONDS + 120) * 1000);
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'chain');
  const dropping = ['--rate', String(RATE), '--frames', String(RATE * SECONDS), '--drop', 'oldest', '--deadline', '100'];
  const controller = mesh.startController(['run', '--split', `${model}@layer1`, ...dropping, '--verify', 'off', '--json']);
  controller.stdin.end();
  const samples: number[] = [];
  const look = setInterval(() => {
    const memory = residentMemory(controller.pid);
    if (memory !== undefined) samples.push(memory.now);
  }, 250);
  const { code } = await controller.exit;
  clearInterval(look);
  t.is(code, 0, controller.stderr.text);
  const { frames } = JSON.parse(controller.stdout.text) as RunReport;
  t.is(frames.offered, RATE * SECONDS);
  // The beginning is code that is loaded and compiled, the end the report.
  const third = Math.floor(samples.length / 3);
  const [warm, late] = [samples.slice(third, 2 * third), samples.slice(2 * third, -4)].map((list) => Math.max(...list));
  t.log(`${frames.sent} of ${frames.offered} frames sent; ${samples.length} samples, up to ${warm} bytes, then up to ${late}`);
  t.true(late! < warm! + NOISE_BYTES, `${warm} bytes, then ${late}`);
});
