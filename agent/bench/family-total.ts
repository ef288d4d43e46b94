/**
 * What a family of processes has used together, from what each says of itself. Members come and go; the sum must neither fall nor count anything twice.
 *
 *     a process says:    own  +  waited (of children that have ended, once it has asked how they ended)
 *     it goes:           its last numbers stay with the nearest living ancestor, as awaited, until that one's waited has grown by as much;
 *                        without one nobody will ever wait, and they stay for good
 *
 * So also children that come and go between two looks count, if somebody of the family waits for them. What a process used after the last look and
 * nobody waited for is not seen.
 */

export const counted = ['cpuMs', 'majorFaults', 'readBytes', 'writtenBytes'] as const;
export type Counts = Readonly<Record<(typeof counted)[number], number>>;

export interface Member {
  readonly pid: number;
  /** Another process with the same pid has another. */
  readonly started: number;
  readonly parent: number;
  /** With `waited`. None of them ever falls. */
  readonly all: Counts;
  readonly waited: Counts;
}

interface Known extends Member {
  readonly awaited: Counts;
}

const NOTHING: Counts = { cpuMs: 0, majorFaults: 0, readBytes: 0, writtenBytes: 0 };

export class FamilyTotal {
  #known: ReadonlyMap<number, Known> = new Map();
  #orphaned = NOTHING;

  /** All that are alive now, parents before their children, so that no child is seen both in itself and in its parent. */
  update(members: readonly Member[]): Counts {
    const alive = new Map(members.map((member) => [member.pid, member]));
    const left = this.#leave(alive);
    const known = new Map<number, Known>();
    for (const member of members) {
      const before = this.#known.get(member.pid);
      const same = before?.started === member.started ? before : undefined;
      const awaited = add(same?.awaited ?? NOTHING, left.get(member.pid) ?? NOTHING);
      const grown = same === undefined ? NOTHING : combine(member.waited, same.waited, (now, then) => now - then);
      known.set(member.pid, { ...member, awaited: combine(awaited, grown, (one, other) => Math.max(0, one - other)) });
    }
    this.#known = known;
    return [...known.values()].reduce((sum, { all, awaited }) => add(sum, add(all, awaited)), this.#orphaned);
  }

  /** What those that went leave to the living. */
  #leave(alive: ReadonlyMap<number, Member>): Map<number, Counts> {
    const left = new Map<number, Counts>();
    const lives = (known: Known): boolean => alive.get(known.pid)?.started === known.started;
    for (const gone of this.#known.values()) {
      if (lives(gone)) continue;
      let heir = this.#known.get(gone.parent);
      while (heir !== undefined && !lives(heir)) heir = this.#known.get(heir.parent);
      const all = add(gone.all, gone.awaited);
      if (heir === undefined) this.#orphaned = add(this.#orphaned, all);
      else left.set(heir.pid, add(left.get(heir.pid) ?? NOTHING, all));
    }
    return left;
  }
}

function add(a: Counts, b: Counts): Counts {
  return combine(a, b, (one, other) => one + other);
}

function combine(a: Counts, b: Counts, how: (one: number, other: number) => number): Counts {
  return {
    cpuMs: how(a.cpuMs, b.cpuMs),
    majorFaults: how(a.majorFaults, b.majorFaults),
    readBytes: how(a.readBytes, b.readBytes),
    writtenBytes: how(a.writtenBytes, b.writtenBytes),
  };
}
