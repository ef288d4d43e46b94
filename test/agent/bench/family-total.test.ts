import test from 'ava';
import fc from 'fast-check';
import { type Counts, FamilyTotal, type Member } from '../../../agent/bench/family-total.ts';

const cpu = (cpuMs: number): Counts => ({ cpuMs, majorFaults: 0, readBytes: 0, writtenBytes: 0 });
const member = (pid: number, parent: number, own: number, waited = 0): Member => ({
  pid,
  parent,
  started: pid,
  all: cpu(own + waited),
  waited: cpu(waited),
});

function totals(...looks: readonly (readonly Member[])[]): number[] {
  const total = new FamilyTotal();
  return looks.map((members) => total.update(members).cpuMs);
}

test('a child that ended and was waited for counts once', (t) => {
  t.deepEqual(totals([member(1, 0, 10), member(2, 1, 50)], [member(1, 0, 10, 60)]), [60, 70]);
});

test('a child that ended counts also before it is waited for', (t) => {
  t.deepEqual(totals([member(1, 0, 10), member(2, 1, 50)], [member(1, 0, 10)], [member(1, 0, 10, 60)]), [60, 60, 70]);
});

test('a child that nobody of the family waits for stays', (t) => {
  t.deepEqual(totals([member(1, 0, 10), member(2, 9, 50)], [member(1, 0, 20)], [member(1, 0, 30)]), [60, 70, 80]);
});

test('children that came and went between two looks count', (t) => {
  t.deepEqual(totals([member(1, 0, 10)], [member(1, 0, 10, 500)]), [10, 510]);
});

test('a grandchild and its parent, both waited for, count once', (t) => {
  t.deepEqual(totals([member(1, 0, 10), member(2, 1, 20), member(3, 2, 30)], [member(1, 0, 10, 55)]), [60, 65]);
});

test('all have ended', (t) => {
  t.deepEqual(totals([member(1, 0, 10), member(2, 1, 20)], [], []), [30, 30, 30]);
});

test('another process with the same number is another', (t) => {
  t.deepEqual(totals([member(1, 0, 10), member(2, 1, 20)], [member(1, 0, 10), { ...member(2, 1, 5), started: 99 }]), [30, 35]);
});

/** A family as the kernel has it: who used what, who has ended, who was waited for. */
class Family {
  readonly #alive = new Map<number, { parent: number; own: number; waited: number; zombies: number[] }>([
    [1, { parent: 0, own: 0, waited: 0, zombies: [] }],
  ]);
  #next = 2;
  truth = 0;

  step(kind: 'burn' | 'fork' | 'end' | 'wait', choice: number): void {
    const pid = [...this.#alive.keys()][choice % this.#alive.size]!;
    const one = this.#alive.get(pid)!;
    if (kind === 'burn') {
      one.own += 10;
      this.truth += 10;
    } else if (kind === 'fork') {
      this.#alive.set(this.#next++, { parent: pid, own: 0, waited: 0, zombies: [] });
    } else if (kind === 'wait') {
      one.waited += one.zombies.pop() ?? 0;
    } else if (pid !== 1) {
      this.#alive.delete(pid);
      this.#alive.get(one.parent)?.zombies.push(one.own + one.waited);
      for (const child of this.#alive.values()) if (child.parent === pid) child.parent = 0;
    }
  }

  look(): Member[] {
    return [...this.#alive].map(([pid, { parent, own, waited }]) => member(pid, parent, own, waited));
  }
}

test('the sum never falls, and is never more than what was used; with a look at every moment it is all', (t) => {
  const step = fc.record({ kind: fc.constantFrom('burn', 'burn', 'fork', 'end', 'wait'), choice: fc.nat(50), look: fc.boolean() } as const);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const family = new Family();
      const [seldom, always] = [new FamilyTotal(), new FamilyTotal()];
      let last = 0;
      for (const { kind, choice, look } of steps) {
        family.step(kind, choice);
        if (always.update(family.look()).cpuMs !== family.truth) return false;
        if (!look) continue;
        const { cpuMs } = seldom.update(family.look());
        if (cpuMs < last || cpuMs > family.truth) return false;
        last = cpuMs;
      }
      return true;
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
