import test from 'ava';
import { startMesh } from '../helpers/mesh-harness.ts';
import { run } from './run-report.ts';

test.serial('parts are as large as their devices are fast', async (t) => {
  const quotas = [
    { name: 'slow', cpuQuota: 0.3 },
    { name: 'swift', cpuQuota: 1 },
  ];
  const mesh = await startMesh(t, { agents: quotas });
  // Layers that compute for longer than a period of the quota.
  const parts = ['--split', 'resnet@tiles:3-8x2:auto', '--on', 'slow,swift'];
  const report = await run(mesh, ...parts, '--frames', '4', '--verify', 'off');
  const [slow, swift] = report.parallel!.shares!;
  t.true(swift! > 1.5 * slow!, `${slow} and ${swift}`);
  t.true(Math.abs(slow! + swift! - 1) < 1e-9);
});
