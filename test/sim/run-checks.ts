/**
 * What must hold for one run of a simulation, whatever happens:
 *
 *     outputs      each frame's exactly once, in order, with the right bytes; none of a frame that kills its stage, and of others only when stages
 *                  were killed often enough to blame one
 *     computing    a stage computes a frame once in each epoch, once more for each loss at most, and at most a window of frames again in one epoch
 *     restarts     a frame that kills its stage does so a few times, then it is given up
 *
 * Stages are those of the plan before replication. Which frame a stage computes is told from the bytes it is given.
 */
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import { termOf } from '../../mesh/run-order.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import type { Property } from './property.ts';
import type { RunScenario } from './run-scenario.ts';
import { expectedOutputs, tensorsOf, textOf } from './sim-model.ts';

export interface RunChecksOptions {
  readonly scenario: Pick<RunScenario, 'run' | 'plain' | 'frames' | 'window' | 'poison'>;
  /** Stage and agent processes that were killed so far. */
  readonly kills: () => number;
  readonly violated: (property: Property, what: string) => void;
}

/** A stage that died so often with a frame alone on its way is taken to have died of it; once more when it was not alone. */
const DEATHS_ALONE = 3;

export class RunChecks {
  readonly #options: RunChecksOptions;
  readonly #seen = new Set<FrameId>();
  readonly #skipped = new Set<FrameId>();
  readonly #frameOf = new Map<string, FrameId>();
  /** Stage and frame → epochs in which it was computed, with how many processes there had been for the run by then. */
  readonly #computed = new Map<string, Map<Epoch, number>>();
  /** Stage and epoch → frames that were computed in an earlier one, too. */
  readonly #again = new Map<string, number>();
  /** Of stages on which frame. */
  readonly #deaths = new Map<FrameId, number>();
  #last: FrameId = -1n;
  #losses = 0;
  #terms = 1;

  constructor(options: RunChecksOptions) {
    this.#options = options;
  }

  get run(): string {
    return this.#options.scenario.run;
  }

  /** Frames that came out, or were given up. */
  get delivered(): number {
    return this.#seen.size;
  }

  /** How many processes have worked on the run, one after the other. */
  get terms(): number {
    return this.#terms;
  }

  /** Frames that were given up. */
  get skipped(): number {
    return this.#skipped.size;
  }

  /** The source makes a frame. */
  made(id: FrameId): void {
    const { plain, run } = this.#options.scenario;
    for (const bytes of tensorsOf(plain, run, id).values()) this.#frameOf.set(textOf(bytes), id);
  }

  /** Whose tensor it is; undefined: nobody's. */
  frameOf(bytes: Uint8Array): FrameId | undefined {
    return this.#frameOf.get(textOf(bytes));
  }

  /** A frame came out at the sink. */
  delivers(id: FrameId, tensors: ReadonlyMap<string, Pick<Tensor, 'data'>>): void {
    const { plain, run } = this.#options.scenario;
    this.#comesOut(id, 'came out');
    if (this.#isPoison(id)) this.#violated('exactly once', `frame ${id} came out although it kills its stage`);
    const expected = expectedOutputs(plain, run, id);
    if (expected.size !== tensors.size) this.#violated('right bytes', `frame ${id} has ${tensors.size} outputs, expected ${expected.size}`);
    for (const [name, bytes] of expected) {
      const tensor = tensors.get(name);
      const found = tensor === undefined ? 'nothing' : textOf(tensor.data);
      if (found !== textOf(bytes)) this.#violated('right bytes', `${name} of frame ${id} is ${found}, expected ${textOf(bytes)}`);
    }
  }

  /** A frame was given up: it has its place in the order, and no outputs. */
  skips(id: FrameId): void {
    const kills = this.#options.kills();
    this.#comesOut(id, 'was given up');
    this.#skipped.add(id);
    // Only a stage that died three times with this frame may have been taken to have died of it.
    if (!this.#isPoison(id) && kills < DEATHS_ALONE)
      this.#violated('exactly once', `frame ${id} was given up although stages were killed ${kills} times`);
  }

  /** The run has resolved: all frames must be out. `failed`: those that it says it gave up, with their causes. */
  complete(failed: ReadonlyMap<FrameId, string>): void {
    const { frames } = this.#options.scenario;
    if (this.#seen.size !== frames) this.#violated('exactly once', `${this.#seen.size} frames came out of ${frames}`);
    for (const [id, cause] of failed) {
      if (!this.#skipped.has(id)) this.#violated('exactly once', `frame ${id} is said to have been given up, and was not`);
      if (cause === '') this.#violated('exactly once', `frame ${id} was given up without a cause`);
    }
    // Those that a process before it gave up only that one could tell of.
    if (this.#terms === 1 && failed.size !== this.#skipped.size)
      this.#violated('exactly once', `${failed.size} frames are said to have been given up, and ${this.#skipped.size} were`);
  }

  /** Something of the run was lost: what is not committed may be computed once more. */
  lost(): void {
    this.#losses += 1;
  }

  /** Another process goes on with the run. */
  handedOver(): void {
    this.#terms += 1;
    this.#losses += 1;
  }

  computes(stage: string, id: FrameId, epoch: Epoch): void {
    const { window } = this.#options.scenario;
    const key = `${stage} ${id}`;
    const epochs = this.#computed.get(key) ?? new Map<Epoch, number>();
    this.#computed.set(key, epochs);
    if (epochs.has(epoch)) this.#violated('computed twice', `${stage} computes frame ${id} a second time in epoch ${epoch}`);
    // What a process that was taken for dead still has computed meanwhile does not count.
    if ([...epochs].some(([other, terms]) => other < epoch && (termOf(other) === termOf(epoch) || terms < this.#terms))) {
      const again = (this.#again.get(`${stage} ${epoch}`) ?? 0) + 1;
      this.#again.set(`${stage} ${epoch}`, again);
      if (again === window + 1)
        this.#violated('computed twice', `${stage} computes more than ${window} frames again in epoch ${epoch}, which is the window`);
    }
    epochs.set(epoch, this.#terms);
    if (epochs.size > 1 + this.#losses)
      this.#violated('computed twice', `${stage} computes frame ${id} for the ${epochs.size}. time after ${this.#losses} losses`);
  }

  /** Whether the process of this stage ends of this frame; it is counted. `disturbances`: whatever else made it begin anew. */
  dies(stage: string, id: FrameId, disturbances: number): boolean {
    if (!this.#options.scenario.poison.some((each) => each.stage === stage && each.frame === id)) return false;
    const deaths = (this.#deaths.get(id) ?? 0) + 1;
    this.#deaths.set(id, deaths);
    const most = (DEATHS_ALONE + 1) * this.#terms + disturbances;
    if (deaths === most + 1) this.#violated('restarts', `frame ${id} has killed ${stage} ${deaths} times, at most ${most} are needed`);
    return true;
  }

  #isPoison(id: FrameId): boolean {
    return this.#options.scenario.poison.some(({ frame }) => frame === id);
  }

  #comesOut(id: FrameId, how: string): void {
    if (this.#seen.has(id)) this.#violated('exactly once', `frame ${id} ${how} after it came out`);
    if (id !== this.#last + 1n) this.#violated('in order', `frame ${id} ${how} after frame ${this.#last}`);
    this.#seen.add(id);
    if (id > this.#last) this.#last = id;
  }

  #violated(property: Property, what: string): void {
    const { scenario, violated } = this.#options;
    violated(property, `run ${scenario.run}: ${what}`);
  }
}
