/**
 * The registry port: a few small values under names, each changed by compare-and-set only.
 *
 *     put(key, value, revision it was read at) ──▶ a new revision, or `conflict`: somebody else was faster
 *
 * It is a cache of what its writers know: when its store is lost they write again. Two implementations pass the same conformance suite:
 * nats-registry.ts (a JetStream key-value bucket) and memory-registry.ts.
 */
export interface RegistryEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Grows with each change of any key. */
  readonly revision: number;
  /** When it was written, milliseconds by the registry's own clock; to be compared with `Registry.now` only. */
  readonly writtenMs: number;
}

export interface Registry {
  /** Undefined when there is no such key. */
  get(key: string): Promise<RegistryEntry | undefined>;
  /**
   * Returns the new revision. `revision`: at which the key was read; 0: it was not there. Error `conflict` when that is not so any more,
   * `unreachable` when the registry does not answer: then it may have been written or not.
   */
  put(key: string, value: Uint8Array, revision: number): Promise<number>;
  /** Forgets a key. Errors as for `put`. */
  remove(key: string, revision: number): Promise<void>;
  /** All keys, in order. */
  list(): Promise<RegistryEntry[]>;
  /** The registry's clock, milliseconds. */
  now(): Promise<number>;
}
