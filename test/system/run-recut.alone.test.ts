import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'ava';
import { cgroupMissing, memoryFileOf } from '../helpers/cgroup.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { needs } from '../helpers/privileges.ts';
import { BrokenRun, lossesOf, unfaultedHash } from './broken-run.ts';
import { writeHeavyModel } from './run-models.ts';

needs(test.serial, cgroupMissing())(
  '@auto: when a stage fits nowhere any more, the scheduler cuts the model anew for the devices that are left',
  async (t) => {
    // One has room for the whole model alone, but not for two stages; the other for one stage.
    const mesh = await startMesh(t, {
      agents: [
        { name: 'pa', memory: '106MiB' },
        { name: 'pb', memory: '90MiB' },
      ],
    });
    // Admission goes by what it reckons; what the kernel makes of it (agent, allocators) is not what this is about.
    for (const { pid } of mesh.agents) {
      const own = memoryFileOf(pid, { v1: 'memory.limit_in_bytes', v2: 'memory.max' });
      const device = join(dirname(own), '..', basename(own));
      // A limit with swap can't be below that without.
      const files = [device.replace('memory.limit', 'memory.memsw.limit'), device];
      for (const file of new Set(files)) if (existsSync(file)) writeFileSync(file, `${2 ** 31}`);
    }
    const model = await writeHeavyModel(mesh.folder);
    const frames = 150;
    const untouched = await unfaultedHash(mesh, `${model}@layer3`, frames, ['--on', 'pa,pb']);
    const run = await BrokenRun.start({ mesh, split: `${model}@auto`, frames, rate: 25 });
    t.deepEqual([mesh.agent('pa').stages().length, mesh.agent('pb').stages().length], [1, 1], 'a stage on each');
    await mesh.agent('pb').process.kill();
    const { stderr, report } = await run.endsUntouched(t, frames, untouched);
    t.deepEqual(
      report!.plan.stages.map(({ device, layers }) => ({ device, layers })),
      [{ device: 'pa', layers: '1-6' }],
      stderr,
    );
    t.is(lossesOf(stderr).length, 1, stderr);
  },
);
