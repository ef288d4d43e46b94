/** The bus goes away and comes back, with what it knew or without: frames go on all the while. */
import test from 'ava';
import { BrokenRun, lossesOf, unfaultedHash } from './broken-run.ts';
import { writeModelFile } from './run-models.ts';
import { shareMesh } from './shared-mesh.ts';

const FRAMES = 300;
const RATE = 50;
/** Bytes of an output. */
const FRAME_BYTES = 64;

let model = '';
let untouched = '';
const shared = shareMesh(test, { agents: ['pa', 'pb', 'pc', 'pd'].map((name) => ({ name })) }, async (mesh) => {
  model = await writeModelFile(mesh.folder, 'chain');
  untouched = await unfaultedHash(mesh, model, FRAMES);
});

for (const [what, name, loses] of [
  ['with its store', 'kept', false],
  ['without its store', 'lost', true],
] as const) {
  test.serial(
    `nats-server is killed and comes back after seconds, ${what}: frames go on meanwhile, and nobody is taken for lost`,
    async (t) => {
      const { mesh } = shared;
      const nats = mesh.nats!;
      const run = await BrokenRun.start({ mesh, split: `${model}@layer1,layer2`, frames: FRAMES, rate: RATE, name });
      await nats.process.kill();
      if (loses) await nats.loseStore();
      // More than three missed heartbeats.
      await run.more(4 * RATE * FRAME_BYTES);
      await nats.restart();
      const { stderr, report } = await run.endsUntouched(t, FRAMES, untouched);
      t.deepEqual(lossesOf(stderr), []);
      t.is(report!.plan.epoch, 1);
      // Measurements catch up.
      t.deepEqual(
        report!.stages.map(({ id, frames }) => [id, frames]),
        ['stage1', 'stage2', 'stage3'].map((id) => [id, FRAMES]),
      );
    },
  );
}

test.serial('a device is killed while the bus is away: its stage goes to another all the same', async (t) => {
  const { mesh } = shared;
  const run = await BrokenRun.start({ mesh, split: `${model}@layer1,layer2`, frames: FRAMES, rate: RATE, name: 'both' });
  await mesh.nats!.process.kill();
  await mesh.agent('pb').process.kill();
  await run.losses(1);
  await mesh.nats!.restart();
  const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
  t.deepEqual(
    lossesOf(stderr).map(({ moves }) => moves),
    ['stage2 moves from pb to pd'],
  );
});
