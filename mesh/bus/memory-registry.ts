/** The registry port inside one process; `lose` forgets everything, like a server whose store is gone. */
import { MeshError } from '../error.ts';
import type { Registry, RegistryEntry } from './registry.ts';

export class MemoryRegistry implements Registry {
  readonly #entries = new Map<string, RegistryEntry>();
  readonly #now: () => number;
  #revision = 0;

  /** Milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async get(key: string): Promise<RegistryEntry | undefined> {
    return this.#entries.get(key);
  }

  async put(key: string, value: Uint8Array, revision: number): Promise<number> {
    this.#expect(key, revision);
    this.#revision += 1;
    this.#entries.set(key, { key, value: value.slice(), revision: this.#revision, writtenMs: this.#now() });
    return this.#revision;
  }

  async remove(key: string, revision: number): Promise<void> {
    this.#expect(key, revision);
    this.#revision += 1;
    this.#entries.delete(key);
  }

  async list(): Promise<RegistryEntry[]> {
    return [...this.#entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async now(): Promise<number> {
    return this.#now();
  }

  lose(): void {
    this.#entries.clear();
    this.#revision = 0;
  }

  #expect(key: string, revision: number): void {
    const found = this.#entries.get(key)?.revision ?? 0;
    if (found !== revision) throw new MeshError('conflict', `"${key}" was changed meanwhile: revision ${found} instead of ${revision}`);
  }
}
