/** What used to end a run, one thing after the other on one mesh of four: three stages and a spare device. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readProcess } from '../helpers/proc.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { BrokenRun, lossesOf, RECOVERY_MS, unfaultedHash } from './broken-run.ts';
import { writeModelFile } from './run-models.ts';
import { shareMesh } from './shared-mesh.ts';

const FRAMES = 150;
const RATE = 50;

let model = '';
let untouched = '';
const shared = shareMesh(test, { agents: ['pa', 'pb', 'pc', 'pd'].map((name) => ({ name })) }, async (mesh) => {
  model = await writeModelFile(mesh.folder, 'chain');
  untouched = await unfaultedHash(mesh, model, FRAMES);
});

const started = (name: string, flags: readonly string[] = [], rate: number | undefined = RATE): Promise<BrokenRun> =>
  BrokenRun.start({ mesh: shared.mesh, split: `${model}@layer1,layer2`, frames: FRAMES, rate, flags, name });

const onlyStageOf = (device: string): number => {
  const [stage, ...more] = shared.mesh.agent(device).stages();
  if (stage === undefined || more.length > 0) throw new Error(`expected one stage on ${device}, found ${more.length + (stage ? 1 : 0)}`);
  return stage.pid;
};

test.serial('a stage is killed: its device loads it again, and nobody misses a frame', async (t) => {
  const window = 8;
  const run = await started('stage-killed', ['--window', String(window)]);
  process.kill(onlyStageOf('pb'), 'SIGKILL');
  const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
  const [loss, ...more] = lossesOf(stderr);
  t.deepEqual(more, []);
  t.regex(loss!.what, /^stage2 on pb was lost: .*SIGKILL/);
  t.is(loss!.moves, 'every stage stays where it is');
  t.true(loss!.recoveredMs! < RECOVERY_MS);
  t.true(loss!.again <= window, `${loss!.again} frames went again`);
});

test.serial('a stage is frozen: it is ended, and loaded again', async (t) => {
  const run = await started('stage-frozen');
  const frozen = onlyStageOf('pb');
  process.kill(frozen, 'SIGSTOP');
  const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
  const [loss] = lossesOf(stderr);
  t.regex(loss!.what, /^stage2 on pb was lost: /);
  t.is(loss!.moves, 'every stage stays where it is');
  await waitUntil('the frozen process is gone', () => readProcess(frozen) === undefined);
});

test.serial(
  'an agent is killed: the spare device takes its stage; the agent comes back, at another port and at the same, and is used again',
  async (t) => {
    const { mesh } = shared;
    const long = 400;
    const unbroken = await unfaultedHash(mesh, model, long);
    const run = await BrokenRun.start({ mesh, split: `${model}@layer1,layer2`, frames: long, rate: RATE, name: 'agents-killed' });
    await mesh.agent('pb').process.kill();
    await run.losses(1);
    await mesh.agent('pb').start();
    const { address } = mesh.agent('pd');
    await mesh.agent('pd').process.kill();
    await run.losses(2);
    await mesh.agent('pd').start(address);
    t.is(mesh.agent('pd').address, address);
    await mesh.agent('pb').process.kill();
    const { stderr } = await run.endsUntouched(t, long, unbroken);
    t.deepEqual(
      lossesOf(stderr).map(({ what, moves }) => [/^stage2 on (\w+) was lost/.exec(what)?.[1], moves]),
      [
        ['pb', 'stage2 moves from pb to pd'],
        ['pd', 'stage2 moves from pd to pb'],
        ['pb', 'stage2 moves from pb to pd'],
      ],
      stderr,
    );
    await mesh.agent('pb').start();
  },
);

test.serial('an agent is frozen and comes back: its stage is retired, and the run stays where it went', async (t) => {
  const { mesh } = shared;
  const agent = mesh.agent('pb');
  const run = await started('agent-frozen', [], 25);
  const ghost = onlyStageOf('pb');
  agent.process.stop();
  await run.losses(1);
  agent.process.continue();
  await waitUntil('its stage is retired', () => readProcess(ghost) === undefined, 30_000);
  const { stderr, report } = await run.endsUntouched(t, FRAMES, untouched);
  t.deepEqual(
    lossesOf(stderr).map(({ moves }) => moves),
    ['stage2 moves from pb to pd'],
  );
  t.is(report!.plan.stages.find(({ id }) => id === 'stage2')?.device, 'pd');
});

test.serial('no device is spare: one that has a stage takes another', async (t) => {
  const { mesh } = shared;
  const run = await started('no-spare', ['--on', 'pa,pb,pc']);
  await mesh.agent('pc').process.kill();
  const { stderr, report } = await run.endsUntouched(t, FRAMES, untouched);
  t.regex(lossesOf(stderr)[0]!.moves, /^stage3 moves from pc to p[ab]$/);
  t.deepEqual(new Set(report!.plan.stages.map(({ device }) => device)), new Set(['pa', 'pb']));
});

for (const [how, rate, stages, replica] of [
  ['while it has time', RATE, { a: { layers: '1', device: 'pa' }, b: { layers: '2-3', devices: ['pa', 'pb'] } }, 'b-2'],
  ['while all are busy', undefined, { whole: { layers: 'all', devices: ['pa', 'pb'] } }, 'whole-2'],
] as const) {
  test.serial(`a replica is killed ${how}: frames go on in turns, none is lost`, async (t) => {
    const { mesh } = shared;
    const plan = join(mesh.folder, `${replica}.json`);
    await writeFile(plan, JSON.stringify({ stages }));
    const frames = rate === undefined ? 1000 : FRAMES;
    const unbroken = await unfaultedHash(mesh, model, frames);
    const paced = rate === undefined ? {} : { rate };
    const run = await BrokenRun.start({ mesh, split: model, frames, ...paced, flags: ['--plan', plan], name: replica });
    process.kill(mesh.agent('pb').stages()[0]!.pid, 'SIGKILL');
    const { stderr, report } = await run.endsUntouched(t, frames, unbroken);
    const [loss] = lossesOf(stderr);
    t.regex(loss!.what, new RegExp(`^${replica} on pb was lost: .*SIGKILL`));
    t.true(report!.stages.some(({ id }) => id === replica));
  });
}

test.serial('a device that takes turns is lost: the others do its share', async (t) => {
  const { mesh } = shared;
  const plan = join(mesh.folder, 'turns.json');
  await writeFile(plan, JSON.stringify({ stages: { whole: { layers: 'all', devices: ['pa', 'pb'] } } }));
  const run = await BrokenRun.start({ mesh, split: model, frames: FRAMES, rate: RATE, flags: ['--plan', plan], name: 'turns' });
  await mesh.agent('pb').process.kill();
  const { stderr, report } = await run.endsUntouched(t, FRAMES, untouched);
  t.is(lossesOf(stderr).length, 1);
  t.false(report!.plan.stages.some(({ device }) => device === 'pb'));
});
