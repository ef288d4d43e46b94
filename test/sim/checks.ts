/**
 * What must hold in every simulated run, whatever happens:
 *
 *     outputs     each frame's exactly once, in order, with the right bytes
 *     memory      no route holds more frames than its window; the source holds at most a window
 *     fencing     once an agent has answered that an epoch is retired, nothing of it is computed there
 *     the end     the run ends in time, with all frames or with a cause, and leaves no process behind; no error goes astray
 *
 * Each check is a few lines of its own; a violation says what was found and what was expected.
 */
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import type { StageKey } from '../../mesh/stage.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import { textOf } from './sim-model.ts';

export type Property =
  | 'exactly once'
  | 'in order'
  | 'right bytes'
  | 'bounded memory'
  | 'fencing'
  | 'the run ends'
  | 'nothing remains'
  | 'no stray errors';

export interface Violation {
  readonly property: Property;
  readonly what: string;
  /** Virtual time, milliseconds. */
  readonly atMs: number;
}

export interface ChecksOptions {
  readonly now: () => number;
  /** Sink tensors of a frame, by name. */
  readonly expected: (id: FrameId) => ReadonlyMap<string, Uint8Array>;
  /** Called with each violation. */
  readonly onViolation: (violation: Violation) => void;
}

export class Checks {
  readonly #options: ChecksOptions;
  readonly #seen = new Set<FrameId>();
  readonly #violations: Violation[] = [];
  /** Agent and run → the highest epoch it has answered to have retired. */
  readonly #fences = new Map<string, Epoch>();
  #last: FrameId = -1n;
  #computed = 0;
  #heldMax = 0;

  constructor(options: ChecksOptions) {
    this.#options = options;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** Frames that came out. */
  get delivered(): number {
    return this.#seen.size;
  }

  /** Frames that stages began to compute, together. */
  get computed(): number {
    return this.#computed;
  }

  /** The most frames that one route ever held. */
  get heldMax(): number {
    return this.#heldMax;
  }

  /** A frame came out at the sink. */
  delivers(id: FrameId, tensors: ReadonlyMap<string, Tensor>): void {
    if (this.#seen.has(id)) this.violated('exactly once', `frame ${id} came out again`);
    this.#seen.add(id);
    if (id !== this.#last + 1n) this.violated('in order', `frame ${id} came out after frame ${this.#last}`);
    if (id > this.#last) this.#last = id;
    const expected = this.#options.expected(id);
    if (expected.size !== tensors.size) this.violated('right bytes', `frame ${id} has ${tensors.size} outputs, expected ${expected.size}`);
    for (const [name, bytes] of expected) {
      const tensor = tensors.get(name);
      const found = tensor === undefined ? 'nothing' : textOf(tensor.data);
      if (found !== textOf(bytes)) this.violated('right bytes', `${name} of frame ${id} is ${found}, expected ${textOf(bytes)}`);
    }
  }

  /** A frame was given up: it has its place in the order, and no outputs. */
  skips(id: FrameId): void {
    if (this.#seen.has(id)) this.violated('exactly once', `frame ${id} was given up after it came out`);
    if (id !== this.#last + 1n) this.violated('in order', `frame ${id} was given up after frame ${this.#last}`);
    this.#seen.add(id);
    if (id > this.#last) this.#last = id;
  }

  /** The run has resolved: all frames must be out. */
  complete(frames: number): void {
    if (this.#seen.size !== frames) this.violated('exactly once', `${this.#seen.size} frames came out of ${frames}`);
  }

  holds(who: string, held: number, most: number): void {
    this.#heldMax = Math.max(this.#heldMax, held);
    if (held > most) this.violated('bounded memory', `${who} holds ${held} frames, at most ${most} are allowed`);
  }

  /** An agent has answered that everything of the run up to `epoch` is retired. `agent`: of one incarnation. */
  fenced(agent: string, run: string, epoch: Epoch): void {
    const key = `${agent} ${run}`;
    const before = this.#fences.get(key);
    if (before === undefined || before < epoch) this.#fences.set(key, epoch);
  }

  /**
   * A stage begins to compute a frame. `unaware`: its process stood still when the epoch was retired, shares it with another epoch and was therefore
   * not killed, and has not read the order yet: what its session has in its queue it may still compute, for nobody.
   */
  computes(agent: string, { run, stage, epoch }: StageKey, unaware = false): void {
    this.#computed += 1;
    const fence = this.#fences.get(`${agent} ${run}`);
    if (fence !== undefined && epoch <= fence && !unaware)
      this.violated(
        'fencing',
        `${stage} below ${agent} computes a frame of epoch ${epoch}, although epochs up to ${fence} were retired there`,
      );
  }

  violated(property: Property, what: string): void {
    const violation = { property, what, atMs: this.#options.now() };
    this.#violations.push(violation);
    this.#options.onViolation(violation);
  }
}
