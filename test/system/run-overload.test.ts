/** A source that is too fast for its pipeline, with real processes: what is dropped, what comes out, and what it takes of memory. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { NpyReader } from '../../controller/run/npy-reader.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
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
