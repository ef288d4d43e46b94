/** Links between devices, and between them and the controller: cut, silent, slow. */
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { type ChaosMesh, withLinks } from '../chaos/chaos-mesh.ts';
import { startChaos } from '../chaos/chaos-world.ts';
import { needs } from '../helpers/privileges.ts';
import { OwnScope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { BrokenRun, lossesOf, unfaultedHash } from './broken-run.ts';
import { writeModelFile } from './run-models.ts';

const FRAMES = 120;
/** Eight looks and three in a row take eleven seconds. */
const LEAVES_MS = 40_000;
const scope = new OwnScope();
let chaos!: ChaosMesh;
let model = '';
let untouched = '';
test.before(async () => {
  if (withLinks) ({ chaos, model, untouched } = await startChaos(scope, FRAMES));
});
test.after.always(() => scope.end());

const linkTest = needs(test.serial, withLinks ? undefined : 'needs a network of its own');
const started = (name: string): Promise<BrokenRun> =>
  BrokenRun.start({ mesh: chaos.mesh, split: `${model}@layer1,layer2`, frames: FRAMES, rate: 50, flags: chaos.flags, name });

for (const [kind, lastsMs] of [
  ['cut links', 300],
  ['cut links', 4_000],
  ['silence links', 4_000],
] as const) {
  linkTest(`${kind} of a device for ${lastsMs / 1000} s: nobody misses a frame`, async (t) => {
    const run = await started(`${kind}-${lastsMs}`.replace(' ', '-'));
    const suffering = chaos.suffer({ kind, device: 'pb', lastsMs, atMs: 0 });
    const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
    await suffering;
    t.regex(lossesOf(stderr)[0]?.what ?? '', /^stage2 on pb was lost/);
  });
}

linkTest('the cable of a device is pulled for 4 s, and nobody is told: nobody misses a frame, and it is of use again', async (t) => {
  const run = await started('unplugged');
  chaos.plug('pb', false);
  try {
    await run.losses(1);
    await delay(4_000);
  } finally {
    chaos.plug('pb', true);
  }
  const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
  t.regex(lossesOf(stderr)[0]!.what, /^stage2 on pb was lost/);
  // Its stage was retired, or its lease is over.
  await waitUntil('no stage is left on pb', () => chaos.mesh.agent('pb').stages().length === 0, 20_000);
  await waitUntil(
    'pb is heard of',
    async () => (await chaos.mesh.runController(['run', '--split', model, '--on', 'pb', '--frames', '1', ...chaos.flags])).code === 0,
    20_000,
  );
});

linkTest('a device that comes back after its links were cut is used again', async (t) => {
  const { mesh } = chaos;
  const others = ['pa', 'pc', 'pd'].map((name) => mesh.agent(name));
  const run = await started('back');
  try {
    await chaos.suffer({ kind: 'cut links', device: 'pb', lastsMs: 300, atMs: 0 });
    await run.losses(1);
    for (const agent of others) await agent.process.kill();
    const { stderr, report } = await run.endsUntouched(t, FRAMES, untouched);
    t.deepEqual(new Set(report!.plan.stages.map(({ device }) => device)), new Set(['pb']), stderr);
  } finally {
    for (const agent of others) if (!agent.process.running) await agent.start();
  }
});

linkTest('a link that becomes slow makes frames late, not lost', async (t) => {
  const run = await started('slow');
  chaos.linksOf('pb').set({ bytesPerSecond: 20_000, delayMs: 20 });
  const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
  chaos.linksOf('pb').set({ bytesPerSecond: Number.POSITIVE_INFINITY, delayMs: 0 });
  t.deepEqual(lossesOf(stderr), []);
});

linkTest('a link that collapses loses its stage to another device, and nothing else', async (t) => {
  const { mesh } = chaos;
  const wide = await writeModelFile(mesh.folder, 'wideChain');
  const frames = 400;
  const hash = await unfaultedHash(mesh, wide, frames, chaos.flags);
  const run = await BrokenRun.start({ mesh, split: `${wide}@layer1,layer2`, frames, rate: 50, flags: chaos.flags, name: 'collapsed' });
  // What the link was before has to be known.
  await run.more(1_000_000);
  try {
    chaos.linksOf('pb').set({ bytesPerSecond: 100_000 });
    await waitUntil('stage2 leaves pb', () => /stage2 on \w+ instead of pb promises/.test(run.controller.stderr.text), LEAVES_MS);
    const { stderr, report } = await run.endsUntouched(t, frames, hash);
    t.deepEqual(lossesOf(stderr), []);
    t.is(report!.changes?.length, 1, stderr);
    t.false(
      report!.plan.stages.some(({ device }) => device === 'pb'),
      stderr,
    );
  } finally {
    chaos.linksOf('pb').set({ bytesPerSecond: Number.POSITIVE_INFINITY });
  }
});
