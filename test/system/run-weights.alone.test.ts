/** Several runs on one device that has too little CPU for them: each gets its weight's share. */
import test from 'ava';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { cpuTimes } from '../helpers/cpu-time.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { needs } from '../helpers/privileges.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const MEASURED_MS = 6_000;

const cpuMs = (pid: number): number => cpuTimes(pid)?.allMs ?? 0;

needs(test.serial, cgroupMissing())('two runs on one device share its CPU as their weights say', async (t) => {
  t.timeout(180_000);
  // A model that computes for long, so that frames always wait for it; on one core: weights are for threads that wait for the same one.
  const mesh = await startMesh(t, { agents: [{ name: 'pa', cpuQuota: 0.5, prefix: ['taskset', '-c', '0'] }] });
  const started: { readonly pid: number; readonly weight: number }[] = [];
  const controllers = [];
  for (const weight of [100, 300]) {
    const args = [
      'run',
      '--split',
      'resnet18',
      '--on',
      'pa',
      '--weight',
      String(weight),
      '--frames',
      '1000000',
      '--verify',
      'off',
      '--window',
      '8',
    ];
    controllers.push(mesh.startController([...args, '--codec', 'none', '--threads', '1']));
    await waitUntil('its stage is there', () => mesh.agent('pa').stages().length === started.length + 1, 60_000);
    const stage = mesh
      .agent('pa')
      .stages()
      .find(({ pid }) => started.every((each) => each.pid !== pid))!;
    started.push({ pid: stage.pid, weight });
  }
  const busy = (): boolean => started.every(({ pid }) => cpuMs(pid) > 1_000);
  await waitUntil('both compute', busy, 60_000);
  const before = started.map(({ pid }) => cpuMs(pid));
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
  const [light, heavy] = started.map(({ pid }, index) => cpuMs(pid) - before[index]!);
  t.log(`weight 100: ${light} ms, weight 300: ${heavy} ms of CPU in ${MEASURED_MS} ms`);
  for (const controller of controllers) controller.signal('SIGINT');
  await Promise.all(controllers.map(({ exit }) => exit));
  const ratio = heavy! / light!;
  t.true(ratio > 1.8 && ratio < 4.5, `${ratio}: expected about 3`);
});
