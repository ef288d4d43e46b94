/**
 * Machines with a fake kernel on which an agent is the process {@link PID}.
 */
import { detectHierarchies } from '../../../agent/cgroup/detect.ts';
import { type DeviceGroup, openDeviceGroup } from '../../../agent/cgroup/device-group.ts';
import type { CgroupLimits } from '../../../agent/cgroup/hierarchy.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { FakeKernel } from './fake-kernel.ts';

export const PID = 77;
/** The group of the agent's systemd service. */
export const unit = '/sys/fs/cgroup/system.slice/agent.service';

/** v2 only; the agent runs in a systemd service, alone. `controllers`: handed down to the service. */
export async function machineV2(t: Scope, controllers = 'cpu memory pids'): Promise<FakeKernel> {
  const kernel = new FakeKernel(await tempFolder(t));
  kernel.put('/proc/self/mountinfo', '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n');
  kernel.put('/proc/self/cgroup', '0::/system.slice/agent.service\n');
  kernel.group('/sys/fs/cgroup', { handedDown: 'cpu memory' });
  kernel.group('/sys/fs/cgroup/system.slice', { handedDown: 'cpu memory' });
  kernel.group(unit, { processes: `${PID}`, controllers });
  return kernel;
}

/** v1 with these controllers, each mounted by itself; the agent's own group is the top of each. */
export async function machineV1(t: Scope, controllers: readonly string[]): Promise<FakeKernel> {
  const kernel = new FakeKernel(await tempFolder(t));
  const mounts = controllers.map((name) => `1 2 0:1 / /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}`);
  kernel.put('/proc/self/mountinfo', `${mounts.join('\n')}\n`);
  kernel.put('/proc/self/cgroup', controllers.map((name, at) => `${at + 1}:${name}:/\n`).join(''));
  for (const name of controllers) kernel.group(`/sys/fs/cgroup/${name}`, { processes: `${PID}` });
  return kernel;
}

export function openOn(kernel: FakeKernel, limits: CgroupLimits, killProcess?: (pid: number) => void): DeviceGroup {
  const hierarchies = detectHierarchies(kernel);
  return openDeviceGroup({
    hierarchies,
    name: 'pi',
    pid: PID,
    limits,
    isAlive: () => false,
    ...(killProcess === undefined ? {} : { killProcess }),
  });
}
