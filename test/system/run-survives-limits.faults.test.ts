/** Devices that are too small: a stage that is killed for its memory, a spare whose disk has no room. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cgroupMissing, memoryFileOf } from '../helpers/cgroup.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { isRoot, needs } from '../helpers/privileges.ts';
import { isAlive } from '../helpers/proc.ts';
import { startProcess } from '../helpers/processes.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { BrokenRun, lossesOf, unfaultedHash } from './broken-run.ts';
import { writeModelFile } from './run-models.ts';

const FRAMES = 200;
const RATE = 50;

needs(test.serial, cgroupMissing())(
  'a stage is killed because its device is out of memory: it is loaded again when there is room',
  async (t) => {
    const mesh = await startMesh(t, { agents: [{ name: 'pa' }, { name: 'pb', memory: '256MiB' }] });
    const model = await writeModelFile(mesh.folder, 'chain');
    const untouched = await unfaultedHash(mesh, model, FRAMES);
    const run = await BrokenRun.start({ mesh, split: `${model}@layer1`, frames: FRAMES, rate: RATE, flags: ['--on', 'pa,pb'] });
    const [stage] = mesh.agent('pb').stages();
    const group = memoryFileOf(stage!.pid, { v1: 'cgroup.procs', v2: 'cgroup.procs' });
    const enter = `echo 0 > ${group} && exec "$@"`;
    // Keeps all it reads, as there is no end of a line. The stage offers itself first (oom_score_adj: 60 % of the device), then there is only this one.
    const hog = startProcess(t, ['/bin/sh', '-c', enter, 'hog', 'tail', '/dev/zero']);
    await waitUntil('the stage is killed', () => !isAlive(stage!.pid), 30_000);
    t.true(run.controller.running);
    await hog.kill();
    const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
    t.regex(lossesOf(stderr)[0]?.what ?? '', /^stage2 on pb was lost: .*out of memory/);
  },
);

needs(test.serial, isRoot ? undefined : 'needs root')(
  'a spare whose disk is full does not get the stage: another device does',
  async (t) => {
    const mesh = await startMesh(t, { agents: [{ name: 'pa' }, { name: 'pb' }, { name: 'pc' }] });
    const untouched = await unfaultedHash(mesh, 'lenet', FRAMES);
    const folder = join(mesh.folder, 'pd');
    mkdirSync(folder);
    t.is(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', folder]).status, 0);
    t.teardown(() => void spawnSync('umount', [folder]));
    await mesh.addAgent({ name: 'pd' });
    const run = await BrokenRun.start({ mesh, split: 'lenet@layer2,layer3', frames: FRAMES, rate: RATE });
    await mesh.agent('pc').process.kill();
    const { stderr, report } = await run.endsUntouched(t, FRAMES, untouched);
    t.false(
      report!.plan.stages.some(({ device }) => device === 'pc' || device === 'pd'),
      stderr,
    );
    await mesh.agent('pc').start();
  },
);
