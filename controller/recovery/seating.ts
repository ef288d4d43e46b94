/**
 * Who sits where, and what a frame costs each device then: the terms of recovery placement, and its model of cost.
 *
 *     stage a   seat on pi1                                  pi1   a                     busy 8 ms per frame
 *     stage b   seat on pi2, share 2 ┐ replicas              pi2   ⅔ of b                busy 6 ms
 *               seat on pi3, share 1 ┘                       pi3   ⅓ of b, and c         busy 9 ms: the bottleneck
 *     stage c   seat on pi3
 *
 * Compute only: a stage takes its work over the device's speed, what several seats take on one device adds up. What is not known is taken to
 * be like what is: a device as fast as the median device, a stage as much work as the mean stage.
 */
import { median } from '../../mesh/ranked.ts';

export interface Seat {
  readonly device: string;
  /** In proportion to those of the other seats of the stage. */
  readonly share: number;
  /** Measured there, milliseconds per frame. Absent: not known. */
  readonly computeMs?: number;
}

/** A stage with one seat, or with several, which take turns. */
export interface SeatedStage {
  readonly id: string;
  readonly seats: readonly Seat[];
  /** What each seat of it takes. Absent: not known, and taken to fit. */
  readonly memoryBytes?: number;
}

export interface SeatDevice {
  readonly name: string;
  /** Relative to other devices. Absent: not known. */
  readonly speed?: number;
  /** Free now, beside what this run has there. Absent: not known, and taken to be enough. */
  readonly freeBytes?: number;
  /** Part of its CPU that others take, 0 to 1, without this run. Absent: 0. */
  readonly busy?: number;
}

/** A busy device still does something. */
const LEFT_MIN = 0.05;

export class SeatCosts {
  readonly #speed: ReadonlyMap<string, number>;
  readonly #typicalSpeed: number;
  readonly #work: ReadonlyMap<string, number>;
  /** Whether anything was measured; if not, milliseconds are only proportions. */
  readonly measured: boolean;

  constructor(stages: readonly SeatedStage[], devices: readonly SeatDevice[]) {
    const told = devices.flatMap(({ speed }) => (speed === undefined ? [] : [speed]));
    this.#typicalSpeed = told.length === 0 ? 1 : median(told);
    this.#speed = new Map(
      devices.map(({ name, speed, busy }) => [name, (speed ?? this.#typicalSpeed) * Math.max(LEFT_MIN, 1 - (busy ?? 0))]),
    );
    const known = new Map<string, number>();
    for (const { id, seats } of stages) {
      const works = seats.flatMap(({ device, computeMs }) => (computeMs === undefined ? [] : [computeMs * this.#speedOf(device)]));
      if (works.length > 0) known.set(id, mean(works));
    }
    this.measured = known.size > 0;
    const typical = this.measured ? mean([...known.values()]) : 1;
    this.#work = new Map(stages.map(({ id }) => [id, known.get(id) ?? typical]));
  }

  /** Milliseconds that `part` of each frame's work for a stage takes on a device. */
  computeMs(stage: string, part: number, device: string): number {
    return (part * this.#work.get(stage)!) / this.#speedOf(device);
  }

  /** For comparing: how much a seat with `part` of a stage's frames has to do. */
  work(stage: string, part: number): number {
    return part * this.#work.get(stage)!;
  }

  /** Lost devices are not told of any more. */
  #speedOf(device: string): number {
    return this.#speed.get(device) ?? this.#typicalSpeed;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
