/**
 * What must hold in every simulated mesh, whatever happens. Of each run: run-checks.ts. Of the mesh:
 *
 *     memory      no route holds more frames than its window; the source holds at most a window; no device more stages than it has memory for
 *     fencing     once an agent has answered that an epoch is retired, nothing of it is loaded or computed there, and nothing of it is taken in
 *     the end     runs end in time, with all frames or with a cause, and leave nothing behind; no error goes astray
 *
 * Each check is a few lines of its own; a violation says what was found and what was expected.
 */
import type { Epoch } from '../../mesh/frame.ts';
import type { StageKey } from '../../mesh/stage.ts';
import type { Property } from './property.ts';
import type { RunChecks } from './run-checks.ts';

export interface Violation {
  readonly property: Property;
  readonly what: string;
  /** Virtual time, milliseconds. */
  readonly atMs: number;
}

export interface ChecksOptions {
  readonly now: () => number;
  /** Called with each violation. */
  readonly onViolation: (violation: Violation) => void;
}

export class Checks {
  readonly #options: ChecksOptions;
  readonly #runs = new Map<string, RunChecks>();
  readonly #violations: Violation[] = [];
  /** Agent and run → the highest epoch it has answered to have retired. */
  readonly #fences = new Map<string, Epoch>();
  /** Runs of which an agent has loaded something. */
  readonly #loaded = new Set<string>();
  #computed = 0;
  #unaware = 0;
  #continued = 0;
  #heldMax = 0;

  constructor(options: ChecksOptions) {
    this.#options = options;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** Frames that stages began to compute, together. */
  get computed(): number {
    return this.#computed;
  }

  /** Those of them that a process computed for nobody, because it had stood still when the epoch was retired. */
  get unaware(): number {
    return this.#unaware;
  }

  /** How often a process went on that had stood still while its agent retired an epoch of it. */
  get continued(): number {
    return this.#continued;
  }

  /** The most frames that one route ever held. */
  get heldMax(): number {
    return this.#heldMax;
  }

  add(run: RunChecks): void {
    this.#runs.set(run.run, run);
  }

  run(name: string): RunChecks {
    return this.#runs.get(name)!;
  }

  /** Whether anything of the run was ever loaded. */
  wasLoaded(run: string): boolean {
    return this.#loaded.has(run);
  }

  holds(who: string, held: number, most: number): void {
    this.#heldMax = Math.max(this.#heldMax, held);
    if (held > most) this.violated('bounded memory', `${who} holds ${held} frames, at most ${most} are allowed`);
  }

  /** What the stages of a device take. */
  occupies(device: string, bytes: number, totalBytes: number): void {
    if (bytes > totalBytes) this.violated('bounded memory', `stages take ${bytes} bytes on ${device}, which has ${totalBytes}`);
  }

  /** An agent has answered that everything of the run up to `epoch` is retired. `agent`: of one incarnation, or of all when it will remember. */
  fenced(agent: string, run: string, epoch: Epoch): void {
    const key = `${agent} ${run}`;
    const before = this.#fences.get(key);
    if (before === undefined || before < epoch) this.#fences.set(key, epoch);
  }

  /** An agent begins to load a stage. */
  loads(agents: readonly string[], { run, stage, epoch }: StageKey): void {
    this.#loaded.add(run);
    for (const agent of agents) {
      const fence = this.#fenceBelow(agent, run, epoch);
      if (fence !== undefined)
        this.violated(
          'fencing',
          `${stage} of run ${run} is loaded by ${agent} in epoch ${epoch}, although epochs up to ${fence} were retired`,
        );
    }
  }

  /**
   * A stage begins to compute a frame. `unaware`: its process stood still when the epoch was retired, shares it with another epoch and was therefore
   * not killed, and has not read the order yet: what its session has in its queue it may still compute, for nobody.
   */
  computes(agent: string, { run, stage, epoch }: StageKey, unaware = false): void {
    this.#computed += 1;
    const fence = this.#fenceBelow(agent, run, epoch);
    if (fence === undefined) return;
    if (unaware) this.#unaware += 1;
    else
      this.violated(
        'fencing',
        `${stage} below ${agent} computes a frame of epoch ${epoch}, although epochs up to ${fence} were retired there`,
      );
  }

  /** A process reads the order to retire an epoch. */
  retires(agent: string, run: string, epoch: Epoch): void {
    if (this.#fenceBelow(agent, run, epoch) !== undefined) this.#continued += 1;
  }

  /** A consumer is handed a frame over a stream that it has closed. */
  takesAfterClose(route: string): void {
    this.violated('fencing', `${route}: a frame came over a stream that is closed`);
  }

  violated(property: Property, what: string): void {
    const violation = { property, what, atMs: this.#options.now() };
    this.#violations.push(violation);
    this.#options.onViolation(violation);
  }

  #fenceBelow(agent: string, run: string, epoch: Epoch): Epoch | undefined {
    const fence = this.#fences.get(`${agent} ${run}`);
    return fence !== undefined && epoch <= fence ? fence : undefined;
  }
}
