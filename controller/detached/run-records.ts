/**
 * What is known of detached runs: a record for each in the mesh's registry, written by the process that holds the run.
 *
 *     written less than 10 s ago: its process lives        silent for longer, and not over: somebody else may take the run over
 */
import type { Registry, RegistryEntry } from '../../mesh/bus/registry.ts';
import { MeshError } from '../../mesh/error.ts';
import { isOver, type RunRecord } from '../../mesh/run-order.ts';
import { suggest } from '../../mesh/suggest.ts';
import { decodeRunRecord, encodeRunRecord } from '../../mesh/wire-run.ts';

/** A holder writes once a second; one that has not for so long is taken for dead. */
export const SILENT_MS = 10_000;

export interface FoundRun {
  readonly record: RunRecord;
  readonly revision: number;
  /** Since it was written, by the registry's clock. */
  readonly silentMs: number;
}

export class RunRecords {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Undefined when nothing is known of such a run. */
  async get(run: string): Promise<FoundRun | undefined> {
    const entry = await this.#registry.get(run);
    return entry === undefined ? undefined : found(entry, await this.#registry.now());
  }

  /** Error `not-found` that names the runs there are. */
  async find(run: string): Promise<FoundRun> {
    const known = await this.get(run);
    if (known !== undefined) return known;
    const names = (await this.list()).map(({ record }) => record.order.run);
    const meant = suggest(run, names);
    const hint = names.length === 0 ? 'no detached run is known in this mesh' : `known are ${names.join(', ')}`;
    throw new MeshError('not-found', `there is no detached run "${run}"`, {
      hint: meant === undefined ? hint : `did you mean ${meant}? ${hint}`,
    });
  }

  /** Newest first. A record of another version is left out, with a word to `onBad`. */
  async list(onBad: (error: MeshError) => void = () => {}): Promise<FoundRun[]> {
    const entries = await this.#registry.list();
    const nowMs = await this.#registry.now();
    return entries
      .flatMap((entry) => {
        try {
          return [found(entry, nowMs)];
        } catch (error) {
          onBad(MeshError.from(error));
          return [];
        }
      })
      .sort((a, b) => b.record.startedMs - a.record.startedMs);
  }

  /** Error `conflict` when it is not at this revision (0: not there). */
  put(record: RunRecord, revision: number): Promise<number> {
    return this.#registry.put(record.order.run, encodeRunRecord(record), revision);
  }

  /** Nothing is known of the run any more. Error `conflict` when it is not at this revision. */
  forget(run: string, revision: number): Promise<void> {
    return this.#registry.remove(run, revision);
  }
}

/** Nobody is at work on it, and it is not over. */
export function isAbandoned({ record, silentMs }: FoundRun): boolean {
  return !isOver(record) && silentMs >= SILENT_MS;
}

function found({ value, revision, writtenMs }: RegistryEntry, nowMs: number): FoundRun {
  return { record: decodeRunRecord(value), revision, silentMs: Math.max(0, nowMs - writtenMs) };
}
