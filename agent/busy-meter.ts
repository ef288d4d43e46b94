/** How busy the CPUs of the machine are, from what the kernel counts of them all (/proc/stat). */
import { readSystemFile } from './hardware.ts';
import { TICK_MS } from './proc-stat.ts';

export class BusyMeter {
  readonly #root: string;
  #last: { readonly busyMs: number; readonly nowMs: number } | undefined;

  /** `root` is `/`, or a folder that stands for it in a test. */
  constructor(root: string) {
    this.#root = root;
  }

  /** CPU time per time since the last call, hence undefined at the first. `nowMs`: any monotonic clock. The kernel counts in ticks of 10 ms. */
  read(nowMs: number): number | undefined {
    const line = /^cpu +(.+)$/m.exec(readSystemFile(this.#root, '/proc/stat') ?? '')?.[1];
    if (line === undefined) return undefined;
    // user, nice, system, idle, iowait, irq, softirq, steal, …: busy is all but idle and waiting; guest time is part of user.
    const [user, nice, system, , , irq, softirq] = line.split(' ').map(Number);
    const busyMs = (user! + nice! + system! + (irq ?? 0) + (softirq ?? 0)) * TICK_MS;
    const last = this.#last;
    this.#last = { busyMs, nowMs };
    if (last === undefined || nowMs <= last.nowMs) return undefined;
    return Math.max(0, (busyMs - last.busyMs) / (nowMs - last.nowMs));
  }
}
