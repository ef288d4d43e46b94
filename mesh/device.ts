/**
 * A device: identity, hardware facts, limits. Whether it is alive is the controller's business; what varies is its load.
 * A fact that the machine does not expose is absent, never invented.
 */
import type { StageStatus } from './stage.ts';

export interface Device {
  readonly name: string;
  /** Where the agent's gRPC server is reached, `host:port`. */
  readonly address: string;
  readonly arch: string;
  readonly os: string;
  readonly cores: number;
  readonly cpuModel?: string;
  readonly memoryBytes: number;
  /** Size of the file system that holds the data folder. */
  readonly diskBytes: number;
  /** Limits given on the agent's command line, which the agent and all its stages share. Absent: none. */
  readonly cpuQuotaCores?: number;
  readonly memoryLimitBytes?: number;
  readonly nodeVersion: string;
  /** Version of ONNX Runtime, which stage processes load. */
  readonly runtimeVersion: string;
  /** Absent when the agent may not make cgroups. */
  readonly cgroup?: 'v1' | 'v2';
  /** A hypervisor is beneath it. */
  readonly virtualMachine?: boolean;
}

export interface DeviceLoad {
  /** CPU time used by the whole machine over the last beat, in cores. */
  readonly cpuBusyCores?: number;
  readonly memoryFreeBytes?: number;
  readonly diskFreeBytes?: number;
  readonly temperatureCelsius?: number;
  readonly powerWatts?: number;
}

/** One heartbeat of an agent. */
export interface Presence {
  /** Counts beats since the agent started. */
  readonly beat: number;
  /** Changes with each start of the agent. */
  readonly incarnation: string;
  readonly device: Device;
  readonly load: DeviceLoad;
  readonly stages: readonly StageStatus[];
  readonly draining: boolean;
  readonly protocolVersion: number;
  readonly softwareVersion: string;
  /** The last beat before an orderly stop. */
  readonly leaving: boolean;
}
