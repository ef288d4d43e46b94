/**
 * Devices of which one may be measured for all: the same processor, the same limits, the same runtime, the same number of threads.
 */
import type { Device } from '../../mesh/device.ts';

/** `threads`: that a stage computes with; `sharing`: how many devices share one machine. */
export function deviceClass({ arch, cpuModel, cores, cpuQuotaCores, runtimeVersion }: Device, threads: number, sharing: number): string {
  const quota = cpuQuotaCores === undefined ? 'no quota' : `quota ${cpuQuotaCores}`;
  return [
    arch,
    cpuModel ?? 'unknown processor',
    `${cores} cores`,
    quota,
    `${threads} threads`,
    `runtime ${runtimeVersion}`,
    `sharing ${sharing}`,
  ].join(', ');
}
