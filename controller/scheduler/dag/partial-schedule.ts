/**
 * A timetable for algorithms that choose processors as they go: it knows which of them have room for a task, such that what comes later still
 * finds some (`room.ts`).
 */
import type { Placing } from './network.ts';
import type { Problem } from './problem.ts';
import { Room } from './room.ts';
import { Timetable } from './timetable.ts';

export class PartialSchedule extends Timetable {
  readonly #room: Room | undefined;

  /** Error `exhausted` when tasks need more memory than there is. */
  constructor(problem: Problem, placing: Placing = 'insertion') {
    super(problem, placing);
    this.#room = problem.memory === undefined ? undefined : new Room(problem, problem.memory);
  }

  /** Whether p has memory for it, and what is not placed yet still fits somewhere. True for one processor at least. */
  hasRoom(task: number, p: number): boolean {
    return this.#room === undefined || this.#room.canPlace(task, p);
  }

  /** Error `exhausted` when there is no room. */
  override place(task: number, p: number, start: number): void {
    this.#room?.place(task, p);
    super.place(task, p, start);
  }

  /** Error `exhausted` when there is no room. */
  override placeOn(task: number, p: number): void {
    this.#room?.place(task, p);
    super.placeOn(task, p);
  }

  override remove(task: number): void {
    this.#room?.remove(task);
    super.remove(task);
  }

  /** Places some tasks for a trial, and takes them back: then everything is as it was. `work` returns them in the order in which it placed them. */
  attempt(work: () => readonly number[]): void {
    const saved = this.#room?.save();
    for (const task of work().toReversed()) this.remove(task);
    if (saved !== undefined) this.#room!.restore(saved);
  }

  /** Of the processors with room the one where the task ends first; the lower index of equals. */
  placeEarliest(task: number): void {
    let [best, bestStart, bestFinish] = [0, 0, Number.POSITIVE_INFINITY];
    for (let p = 0; p < this.problem.processors; p += 1) {
      if (!this.hasRoom(task, p)) continue;
      const start = this.startOn(task, p);
      const finish = start + this.problem.compute[task * this.problem.processors + p]!;
      if (finish < bestFinish) [best, bestStart, bestFinish] = [p, start, finish];
    }
    this.place(task, best, bestStart);
  }
}
