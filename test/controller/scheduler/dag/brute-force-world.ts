/**
 * The truth for very small instances that say more than times and links: every order and every placement, each task behind what is there, transfers
 * in the order of the inputs of each. Written without the code that it judges.
 */
import type { Instance } from '../../../../controller/scheduler/dag/instance.ts';

export interface Truth {
  readonly makespan: number;
  readonly energy: number;
  readonly utility: number;
  readonly lateness: number;
}

/** Of one order and placement; undefined when memory does not suffice. */
export function truthOf(instance: Instance, order: readonly number[], place: readonly number[]): Truth | undefined {
  const { compute, edges, link, release, memory, capacity, power, radio, goals = [], contention = 'none' } = instance;
  const processors = compute[0]!.length;
  for (let p = 0; p < processors; p += 1) {
    const most = capacity?.[p] ?? null;
    if (most === null || memory === undefined) continue;
    if (memory.reduce((sum, need, task) => sum + (place[task] === p ? need : 0), 0) > most) return undefined;
  }
  const free: Record<string, number> = {};
  const finish: number[] = [];
  const joules = { busy: 0, radio: 0 };
  const working = new Array<number>(processors).fill(0);
  for (const task of order) {
    const p = place[task]!;
    let start = Math.max(release?.[task] ?? 0, free[`processor ${p}`] ?? 0);
    for (const [from, to, data] of edges) {
      if (to !== task) continue;
      const q = place[from]!;
      if (p === q) {
        start = Math.max(start, finish[from]!);
        continue;
      }
      joules.radio += data * ((radio?.send[q] ?? 0) + (radio?.receive[p] ?? 0));
      const width = data / link.bandwidth[q]![p]!;
      const held = { none: [], link: [`link ${q} ${p}`], interface: [`out ${q}`, `in ${p}`] }[contention];
      let departure = finish[from]!;
      if (width > 0) {
        for (const each of held) departure = Math.max(departure, free[each] ?? 0);
        for (const each of held) free[each] = departure + width;
      }
      start = Math.max(start, departure + width + (link.latency === null ? 0 : link.latency[q]![p]!));
    }
    finish[task] = start + compute[task]![p]!;
    free[`processor ${p}`] = finish[task]!;
    working[p]! += compute[task]![p]!;
  }
  const makespan = Math.max(...finish);
  for (let p = 0; p < processors; p += 1) {
    joules.busy += (power?.busy[p] ?? 0) * working[p]! + (power?.idle[p] ?? 0) * (makespan - working[p]!);
  }
  const ends = goals.map((goal) => Math.max(...goal.tasks.map((task) => finish[task]!)));
  const utilities = goals.map(({ release: from, deadline }, at) => {
    const over = (ends[at]! - deadline) / (deadline - from);
    if (over <= 0) return 1;
    return over >= 4 ? 0 : 1 - over / 4;
  });
  return {
    makespan,
    energy: joules.busy + joules.radio,
    utility: goals.length === 0 ? 1 : utilities.reduce((sum, each) => sum + each, 0) / goals.length,
    lateness: goals.reduce((sum, { deadline }, at) => sum + Math.max(0, ends[at]! - deadline), 0),
  };
}

/** Of every order that precedence allows, with every placement that fits into memory. */
export function* allTruths(instance: Instance): Iterable<Truth> {
  const [tasks, processors] = [instance.compute.length, instance.compute[0]!.length];
  for (const order of orders(instance, [], new Array<boolean>(tasks).fill(false))) {
    for (let code = 0; code < processors ** tasks; code += 1) {
      const place = Array.from({ length: tasks }, (_, task) => Math.floor(code / processors ** task) % processors);
      const truth = truthOf(instance, order, place);
      if (truth !== undefined) yield truth;
    }
  }
}

function* orders(instance: Instance, begun: readonly number[], done: boolean[]): Iterable<readonly number[]> {
  if (begun.length === done.length) yield begun;
  for (let task = 0; task < done.length; task += 1) {
    if (done[task] || instance.edges.some(([from, to]) => to === task && !done[from])) continue;
    done[task] = true;
    yield* orders(instance, [...begun, task], done);
    done[task] = false;
  }
}
