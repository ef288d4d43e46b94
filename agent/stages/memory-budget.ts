/**
 * Admission by memory: what stages may take on this device, and what those that are here were admitted with.
 *
 *     ├── run q, stage1: 480 MiB ──┼── run r, stage1: 120 MiB ──┼──── left ────┤
 *
 * An estimate before anything is started, so that a plan that does not fit is refused instead of ending in a swap storm or with the kernel's choice of
 * whom to kill (mesh/stage-memory.ts). A stage with a limit of its own counts with that.
 */
import { formatBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';
import { type StageMemory, stageMemory } from '../../mesh/stage-memory.ts';
import type { StageOrder } from './stage-order.ts';

export class MemoryBudget {
  readonly #device: string;
  readonly #totalBytes: number;
  readonly #reservations = new Set<{ readonly run: string; readonly bytes: number }>();

  constructor(device: string, totalBytes: number) {
    this.#device = device;
    this.#totalBytes = totalBytes;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  get reservedBytes(): number {
    return [...this.#reservations].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Returns the function that gives it back; idempotent. Error `exhausted` when it does not fit: who needs what, and who has the rest. */
  reserve(order: StageOrder): () => void {
    const { run, stage } = order.key;
    const needs = needsOf(order);
    const leftBytes = this.#totalBytes - this.reservedBytes;
    if (needs.bytes > leftBytes) {
      throw new MeshError(
        'exhausted',
        `${stage} of run ${run} needs ${formatBytes(needs.bytes)} (${needs.parts}); ${this.#device} has ${formatBytes(Math.max(0, leftBytes))} ` +
          `of ${formatBytes(this.#totalBytes)} left${this.#holders()}`,
        { hint: 'put the stage on another device, cut the model into more stages, or wait until another run has ended' },
      );
    }
    const reservation = { run, bytes: needs.bytes };
    this.#reservations.add(reservation);
    return () => void this.#reservations.delete(reservation);
  }

  #holders(): string {
    const runs = Map.groupBy(this.#reservations, ({ run }) => run);
    const held = [...runs].map(
      ([run, list]) => `stages of run ${run} hold ${formatBytes(list.reduce((sum, { bytes }) => sum + bytes, 0))}`,
    );
    return held.length === 0 ? '' : ` (${held.join(', ')})`;
  }
}

function needsOf({ model, externalData, windowBytes, memoryLimitBytes }: StageOrder): StageMemory {
  if (memoryLimitBytes !== undefined) return { bytes: memoryLimitBytes, parts: 'its own limit' };
  return stageMemory([model, ...externalData.values()], windowBytes);
}
