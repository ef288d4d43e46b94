/**
 * For how long processes of a group could not go on, because of what was short (PSI, "pressure stall information"; Linux 4.20 and later, where it is
 * not switched off). `some`: at least one waited; `full`: all that had something to do.
 */
import { optional } from '../../mesh/wire-number.ts';
import type { GroupReading } from './bench-group.ts';
import { type CgroupFiles, readIfThere } from './cgroup-files.ts';

type Stalls = Pick<GroupReading, 'cpuStalledMs' | 'memoryStalledSomeMs' | 'memoryStalledFullMs' | 'ioStalledFullMs'>;

/** `folder`: of the group in the v2 hierarchy. */
export function readStalls(files: CgroupFiles, folder: string): Stalls {
  const cpu = readIfThere(files, `${folder}/cpu.pressure`);
  const memory = readIfThere(files, `${folder}/memory.pressure`);
  const io = readIfThere(files, `${folder}/io.pressure`);
  return {
    ...optional('cpuStalledMs', totalMs(cpu, 'some')),
    ...optional('memoryStalledSomeMs', totalMs(memory, 'some')),
    ...optional('memoryStalledFullMs', totalMs(memory, 'full')),
    ...optional('ioStalledFullMs', totalMs(io, 'full')),
  };
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=410099`: the total is in microseconds. */
function totalMs(text: string | undefined, kind: 'some' | 'full'): number | undefined {
  const total = text === undefined ? undefined : new RegExp(`^${kind} .*\\btotal=(\\d+)`, 'm').exec(text)?.[1];
  return total === undefined ? undefined : Number(total) / 1000;
}
