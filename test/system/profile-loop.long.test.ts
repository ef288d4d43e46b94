/** What was measured is predicted from, planned with, corrected: a device loses quota in the middle of a run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'ava';
import { cgroupMissing, cpuFileOf } from '../helpers/cgroup.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { needs } from '../helpers/privileges.ts';
import { BrokenRun } from './broken-run.ts';

const LOSER = 'b';
const FRAMES = 900;
/** Then its pace is known. */
const CUT_AFTER_FRAMES = 300;
/** A thousand float32. */
const FRAME_BYTES = 4000;

needs(test.serial, cgroupMissing())(
  'a run is planned from predictions; when a device gets a third of its quota, the run moves to a better plan, once',
  async (t) => {
    t.timeout(240_000);
    const mesh = await startMesh(t, {
      agents: [
        { name: 'a', cpuQuota: 0.5 },
        { name: LOSER, cpuQuota: 0.9 },
        { name: 'c', cpuQuota: 0.4 },
      ],
    });
    const collect = [
      'profile',
      'collect',
      '--models',
      'squeezenet,mobilenetv2',
      '--segments',
      '1',
      '--kernels',
      '20',
      '--iterations',
      '1',
      '--batches',
      '3',
    ];
    const collected = await mesh.runController(collect);
    t.is(collected.code, 0, collected.stderr);

    const run = await BrokenRun.start({ mesh, split: 'resnet18@auto', frames: FRAMES });
    await run.more(CUT_AFTER_FRAMES * FRAME_BYTES, 120_000);
    cutToAThird(mesh.agent(LOSER).pid);
    const { code, stderr, report } = await run.end();
    t.is(code, 0, stderr);
    const { forecast = [], changes = [] } = report!;
    t.true(forecast.length >= 2, 'each stage was foretold');
    t.is(changes.length, 1, `${stderr}\n${JSON.stringify(changes)}`);
    // The run may have left the device before the profiler was sure.
    const lost = forecast.filter(({ device, changes: noticed }) => device === LOSER && noticed > 0);
    const off = (a: number, b: number): number => Math.abs(Math.log(a / b));
    // At the end what is told of each is nearer to what it took than what was told in the beginning.
    for (const { toldMs, lastMs, learnedMs } of lost) t.true(off(lastMs, learnedMs) < off(lastMs, toldMs), JSON.stringify(lost));
  },
);

/** The device's group is above that of the agent's own process. */
function cutToAThird(pid: number): void {
  const own = cpuFileOf(pid, { v1: 'cpu.cfs_quota_us', v2: 'cpu.max' });
  const file = join(dirname(own), '..', basename(own));
  const [quota, ...period] = readFileSync(file, 'utf8').trim().split(' ');
  writeFileSync(file, [Math.round(Number(quota) / 3), ...period].join(' '));
}
