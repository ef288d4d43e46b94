/** What is wrong with a schedule beyond times and processors: releases, memory, and what transfers occupy. Sentences, as in `schedule.ts`. */
import { resourcesOf } from './network.ts';
import { occupation, type Problem } from './problem.ts';

/** Of a schedule, what is looked at here. */
export interface Times {
  readonly processor: Int32Array;
  readonly start: Float64Array;
  readonly finish: Float64Array;
  readonly departure?: Float64Array;
}

/** Of the memory of a processor. Sums in another order differ by less. */
const SLACK = 1e-9;

/** `slack`: in units of time. Only for schedules whose processors are there. */
export function worldViolations(problem: Problem, schedule: Times, slack: number): string[] {
  return [...early(problem, schedule, slack), ...overfull(problem, schedule), ...crowded(problem, schedule, slack)];
}

function early({ release, tasks }: Problem, { start }: Times, slack: number): string[] {
  if (release === undefined) return [];
  const wrong = Array.from({ length: tasks }, (_, task) => task).filter((task) => !(start[task]! >= release[task]! - slack));
  return wrong.map((task) => `task ${task} starts at ${start[task]!}, before its release at ${release[task]!}`);
}

function overfull({ memory, processors }: Problem, { processor }: Times): string[] {
  if (memory === undefined) return [];
  const kept = Array.from({ length: processors }, () => new Set<number>());
  for (const [task, p] of processor.entries()) kept[p]!.add(memory.of[task]!);
  return kept.flatMap((own, p) => {
    const needed = [...own].reduce((sum, of) => sum + memory.need[of]!, 0);
    const room = memory.capacity[p]!;
    return needed <= room * (1 + SLACK) ? [] : [`processor ${p} has memory for ${room}: its tasks need ${needed}`];
  });
}

function crowded(problem: Problem, { processor, start, finish, departure }: Times, slack: number): string[] {
  const { contention, instance, latency, processors } = problem;
  if (contention === 'none')
    return departure === undefined ? [] : ['the schedule has departures of transfers: without contention there are none'];
  if (departure === undefined) return ['the schedule does not say when transfers happen'];
  const wrong: string[] = [];
  const resources = resourcesOf(problem);
  const occupants = new Map<number, number[]>();
  const end = (edge: number): number => {
    const [from, to] = instance.edges[edge]!;
    return departure[edge]! + occupation(problem, edge, processor[from]!, processor[to]!);
  };
  for (const [edge, [from, to]] of instance.edges.entries()) {
    const [p, q] = [processor[from]!, processor[to]!];
    if (p === q) {
      if (!Number.isNaN(departure[edge]!)) wrong.push(`edge ${edge} is transferred, though both its ends are on processor ${p}`);
      continue;
    }
    if (!(departure[edge]! >= finish[from]! - slack)) {
      wrong.push(`the transfer of edge ${edge} begins at ${departure[edge]!}, before task ${from} ends at ${finish[from]!}`);
      continue;
    }
    const arrival = end(edge) + latency[p * processors + q]!;
    if (!(start[to]! >= arrival - slack)) wrong.push(`task ${to} starts at ${start[to]!}, before edge ${edge} arrives at ${arrival}`);
    if (occupation(problem, edge, p, q) === 0) continue;
    for (const at of new Set(resources(p, q))) occupants.set(at, [...(occupants.get(at) ?? []), edge]);
  }
  for (const edges of occupants.values()) {
    edges.sort((a, b) => departure[a]! - departure[b]!);
    for (const [index, edge] of edges.entries()) {
      const next = edges[index + 1];
      if (next !== undefined && departure[next]! < end(edge) - slack)
        wrong.push(`the transfers of edges ${edge} and ${next} overlap on one ${contention}`);
    }
  }
  return wrong;
}
