/** What only an agent of splitmesh can say of itself: what it is, what it may use, what it is busy with. */
import type { Device } from '../../mesh/device.ts';
import { type Family, gauge } from './family.ts';

export interface OwnFacts {
  readonly mesh: string;
  readonly device: Device;
  readonly softwareVersion: string;
  readonly activity: { readonly stages: number; readonly benchmarks: number; readonly draining: boolean };
  readonly temperatureCelsius: number | undefined;
}

export function ownFamilies({ mesh, device, softwareVersion, activity, temperatureCelsius }: OwnFacts): Family[] {
  const build = {
    ...{ version: softwareVersion, node_version: device.nodeVersion, runtime_version: device.runtimeVersion },
    ...{ mesh, device: device.name },
  };
  return [
    gauge('splitmesh_agent_build_info', 'Versions of the agent and what it runs on, its mesh and its name there.', 1, build),
    gauge('splitmesh_agent_stages', 'Stages of runs that are on the device.', activity.stages),
    gauge('splitmesh_agent_benchmarks', 'Benchmarks that run on the device or wait for their turn.', activity.benchmarks),
    gauge('splitmesh_agent_draining', '1 when the agent takes no more work.', activity.draining ? 1 : 0),
    gauge('splitmesh_agent_cpu_quota_cores', 'Cores that the agent and its stages may use; absent: all.', device.cpuQuotaCores),
    gauge('splitmesh_agent_memory_limit_bytes', 'Memory that they may use; absent: all.', device.memoryLimitBytes),
    gauge('splitmesh_agent_temperature_celsius', "The processor's hottest sensor; absent: none.", temperatureCelsius),
  ];
}
