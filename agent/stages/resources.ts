/**
 * What a stage may use, worked out from its own limits and the device's. ONNX Runtime and V8 see neither cgroup quota nor small memory
 * limits, so both are told explicitly.
 */

import { intraOpThreads, type SessionSettings } from '../../mesh/session-settings.ts';
import type { CgroupLimits } from '../cgroup/hierarchy.ts';

export interface StageResources {
  readonly intraOpThreads: number;
  readonly heapMiBMax: number;
  /** The tighter of the stage's and the device's; for messages. */
  readonly memoryLimitBytes: number | undefined;
}

/** The stage's main thread keeps messages and queues there; tensors and weights live outside the JavaScript heap. */
const HEAP_MIB_MAX = 512;
const HEAP_MIB_MIN = 32;

export function stageResources(cores: number, device: CgroupLimits, stage: CgroupLimits, session: SessionSettings): StageResources {
  const quota = Math.min(cores, device.cpuQuotaCores ?? cores, stage.cpuQuotaCores ?? cores);
  const memory = Math.min(device.memoryLimitBytes ?? Number.POSITIVE_INFINITY, stage.memoryLimitBytes ?? Number.POSITIVE_INFINITY);
  const quarter = Math.floor(memory / 4 / 2 ** 20);
  return {
    intraOpThreads: intraOpThreads(session.intraOpThreads, quota),
    heapMiBMax: Math.max(HEAP_MIB_MIN, Math.min(HEAP_MIB_MAX, quarter)),
    memoryLimitBytes: Number.isFinite(memory) ? memory : undefined,
  };
}
