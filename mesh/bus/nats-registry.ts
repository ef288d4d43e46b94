/**
 * The registry port over a JetStream key-value bucket. The bucket is made when it is not there, also when the server has lost its store.
 */
import { JetStreamApiError } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { MeshError } from '../error.ts';
import type { Registry, RegistryEntry } from './registry.ts';

/** JetStream's own numbers for what went wrong. */
const WRONG_LAST_SEQUENCE = 10071;
const STREAM_NOT_FOUND = 10059;
const TIMEOUT_MS = 2_000;
/** Names of runs have no dot: no run is called like this. */
const CLOCK_KEY = 'registry.clock';

export class NatsRegistry implements Registry {
  readonly #connection: () => NatsConnection;
  readonly #bucket: string;
  #kv: KV | undefined;

  /** `connection`: see NatsBus.connection. `bucket`: letters, digits, - and _. */
  constructor(connection: () => NatsConnection, bucket: string) {
    this.#connection = connection;
    this.#bucket = bucket;
  }

  get(key: string): Promise<RegistryEntry | undefined> {
    return this.#do(async (kv) => {
      const entry = await kv.get(key);
      return entry === null || entry.operation !== 'PUT' ? undefined : entryOf(entry);
    });
  }

  put(key: string, value: Uint8Array, revision: number): Promise<number> {
    return this.#do((kv) => (revision === 0 ? kv.create(key, value) : kv.update(key, value, revision)));
  }

  remove(key: string, revision: number): Promise<void> {
    return this.#do((kv) => kv.delete(key, { previousSeq: revision }));
  }

  list(): Promise<RegistryEntry[]> {
    return this.#do(async (kv) => {
      const keys: string[] = [];
      for await (const key of await kv.keys()) if (key !== CLOCK_KEY) keys.push(key);
      const entries = await Promise.all(keys.sort().map((key) => kv.get(key)));
      return entries.filter((entry) => entry !== null && entry.operation === 'PUT').map((entry) => entryOf(entry!));
    });
  }

  /** The server stamps what it stores, and tells its time in no other way that servers before 2.10 know. */
  now(): Promise<number> {
    return this.#do(async (kv) => {
      await kv.put(CLOCK_KEY, new Uint8Array(0));
      return (await kv.get(CLOCK_KEY))!.created.getTime();
    });
  }

  async #do<T>(work: (kv: KV) => Promise<T>): Promise<T> {
    try {
      return await this.#attempt(work);
    } catch (error) {
      const isGone = await this.#isGone();
      this.#kv = undefined;
      // What was asked of a bucket that is not there has not happened.
      if (isGone && !(error instanceof MeshError)) return await this.#attempt(work).catch((again: unknown) => this.#fail(again));
      return this.#fail(error);
    }
  }

  async #attempt<T>(work: (kv: KV) => Promise<T>): Promise<T> {
    this.#kv ??= await new Kvm(this.#connection()).create(this.#bucket, { history: 1, timeout: TIMEOUT_MS });
    try {
      return await work(this.#kv);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== WRONG_LAST_SEQUENCE) throw error;
      throw new MeshError('conflict', `a value in ${this.#bucket} was changed meanwhile`, { cause: error });
    }
  }

  /** Whether the server has lost it. */
  async #isGone(): Promise<boolean> {
    if (this.#kv === undefined) return false;
    return await this.#kv.status().then(
      () => false,
      (error: unknown) => error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND,
    );
  }

  #fail(error: unknown): never {
    if (error instanceof MeshError) throw error;
    throw new MeshError('unreachable', `the bucket ${this.#bucket} of the NATS server can't be reached: ${(error as Error).message}`, {
      hint: 'detached runs need a NATS server with JetStream: nats-server -js',
      cause: error,
    });
  }
}

function entryOf({ key, value, revision, created }: KvEntry): RegistryEntry {
  return { key, value, revision, writtenMs: created.getTime() };
}
