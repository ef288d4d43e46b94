/**
 * What an instance may say beyond times and links. Each field is optional; without it nothing of it holds.
 *
 *     release[task]                      it does not begin before
 *     memory[task], capacity[processor]  what is kept on a processor for its tasks must fit there; null: no limit
 *     power.busy[p], power.idle[p]       watts, while it computes and while it does not
 *     radio.send[p], radio.receive[p]    joules per unit of data that leaves a processor, or comes to it
 *     deadline[task]                     when it should be done, null: whenever
 *     contention                         "none": transfers do not hinder each other
 *                                        "link": one at a time from p to q      "interface": one at a time out of p, one at a time into q
 */
import type { Fail } from './json-fields.ts';
import { amounts, amountsOrNull, listOfLength, objectOf, refuseOthers, shown } from './json-fields.ts';

export type Contention = 'none' | 'link' | 'interface';

export const contentions: readonly Contention[] = ['none', 'link', 'interface'];

/** Something that should be done in time: a task, or one arrival of a job. */
export interface Goal {
  readonly name: string;
  /** Done when these are. */
  readonly tasks: readonly number[];
  /** When it could begin. */
  readonly release: number;
  /** Later than the release. */
  readonly deadline: number;
}

export interface World {
  readonly release?: readonly number[];
  readonly memory?: readonly number[];
  readonly capacity?: readonly (number | null)[];
  /** With jobs: of each task the one of the file that it is, or is a later arrival of. */
  readonly copyOf?: readonly number[];
  readonly power?: { readonly busy: readonly number[]; readonly idle: readonly number[] };
  readonly radio?: { readonly send: readonly number[]; readonly receive: readonly number[] };
  readonly goals?: readonly Goal[];
  readonly contention?: Contention;
}

/** The fields of the world in an instance's file. `nameOf`: what a task is called. */
export function parseWorld(
  fields: Record<string, unknown>,
  tasks: number,
  processors: number,
  nameOf: (task: number) => string,
  fail: Fail,
): World {
  const { release, memory, capacity, power, radio, deadline, contention } = fields;
  if (memory !== undefined && capacity === undefined) fail('capacity', 'is missing: memory needs it');
  if (capacity !== undefined && memory === undefined) fail('memory', 'is missing: capacity needs it');
  const releases = release === undefined ? undefined : amounts(release, tasks, 'release', fail);
  return {
    ...(releases === undefined ? {} : { release: releases }),
    ...(memory === undefined ? {} : { memory: amounts(memory, tasks, 'memory', fail) }),
    ...(capacity === undefined ? {} : { capacity: amountsOrNull(capacity, processors, 'capacity', fail) }),
    ...(power === undefined ? {} : { power: pair(power, ['busy', 'idle'], processors, 'power', fail) }),
    ...(radio === undefined ? {} : { radio: pair(radio, ['send', 'receive'], processors, 'radio', fail) }),
    ...(deadline === undefined ? {} : { goals: goalsOf(deadline, releases ?? new Array<number>(tasks).fill(0), nameOf, fail) }),
    ...(contention === undefined ? {} : { contention: contentionOf(contention, fail) }),
  };
}

function pair<A extends string, B extends string>(
  value: unknown,
  [a, b]: readonly [A, B],
  processors: number,
  path: string,
  fail: Fail,
): { readonly [key in A | B]: readonly number[] } {
  const fields = objectOf(value, path, fail);
  refuseOthers(fields, [a, b], path, fail);
  const of = (key: string): readonly number[] => amounts(fields[key], processors, `${path}.${key}`, fail);
  return { [a]: of(a), [b]: of(b) } as { readonly [key in A | B]: readonly number[] };
}

function goalsOf(value: unknown, release: readonly number[], nameOf: (task: number) => string, fail: Fail): readonly Goal[] {
  const deadlines = amountsOrNull(listOfLength(value, release.length, 'deadline', fail), release.length, 'deadline', fail);
  return deadlines.flatMap((deadline, task) => {
    if (deadline === null) return [];
    if (deadline <= release[task]!) fail(`deadline[${task}]`, `is ${deadline}: expected more than the release, ${release[task]}`);
    return [{ name: nameOf(task), tasks: [task], release: release[task]!, deadline }];
  });
}

function contentionOf(value: unknown, fail: Fail): Contention {
  const found = contentions.find((each) => each === value);
  return found ?? fail('contention', `is ${shown(value)}: expected ${contentions.map((each) => `"${each}"`).join(', ')}`);
}
