/**
 * What was measured of a model's stages and of a mesh's links, on disk: one file per model and class of device (times of segments), one per mesh
 * (transfers). A file that is damaged counts as missing. Later measurements replace earlier ones.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../mesh/make-folders.ts';
import { writeAside } from '../../mesh/write-aside.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import type { TransferSample } from './link-fit.ts';
import type { MeasuredText } from './plan-fleet.ts';

/** What times are kept under: layers of the same numbers in another division of the model are others. `sha256`: of the model. */
export function layeringKey(sha256: Uint8Array, { layerOf }: Pick<LayeredGraph, 'layerOf'>): string {
  return createHash('sha256').update(sha256).update(JSON.stringify(layerOf)).digest('hex');
}

/** Changes when what a file means does. */
const FORMAT = 1;

export class SegmentCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Times of a model's layers (by its {@link layeringKey}) on a class of devices. */
  async times(model: string, deviceClass: string): Promise<readonly MeasuredText[]> {
    const { times } = await this.#read(this.#timesPath(model, deviceClass));
    return Array.isArray(times) && times.every(isMeasured) ? times : [];
  }

  async putTimes(model: string, deviceClass: string, times: readonly MeasuredText[]): Promise<void> {
    const known = new Map((await this.times(model, deviceClass)).map(({ layers, ms }) => [layers, ms]));
    for (const { layers, ms } of times) known.set(layers, ms);
    await this.#write(this.#timesPath(model, deviceClass), {
      model,
      deviceClass,
      times: [...known].map(([layers, ms]) => ({ layers, ms })),
    });
  }

  /** Transfers between the devices of a mesh. */
  async transfers(mesh: string): Promise<readonly TransferSample[]> {
    const { transfers } = await this.#read(this.#linksPath(mesh));
    return Array.isArray(transfers) && transfers.every(isTransfer) ? transfers : [];
  }

  async putTransfers(mesh: string, transfers: readonly TransferSample[]): Promise<void> {
    const replaced = new Set(transfers.map(({ from, to }) => `${from} ${to}`));
    const kept = (await this.transfers(mesh)).filter(({ from, to }) => !replaced.has(`${from} ${to}`));
    const frameMs = await this.frameMs(mesh);
    await this.#write(this.#linksPath(mesh), { mesh, ...(frameMs === undefined ? {} : { frameMs }), transfers: [...kept, ...transfers] });
  }

  /** How fast frames can follow each other at most, milliseconds; undefined when nothing has shown it. */
  async frameMs(mesh: string): Promise<number | undefined> {
    const { frameMs } = await this.#read(this.#linksPath(mesh));
    return isTime(frameMs) ? frameMs : undefined;
  }

  async putFrameMs(mesh: string, frameMs: number): Promise<void> {
    await this.#write(this.#linksPath(mesh), { mesh, frameMs, transfers: await this.transfers(mesh) });
  }

  async #read(path: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'));
      if (typeof value !== 'object' || value === null) return {};
      return (value as { format?: unknown }).format === FORMAT ? (value as Record<string, unknown>) : {};
    } catch {
      // Not there, not readable, or cut off: it is measured again.
      return {};
    }
  }

  async #write(path: string, value: object): Promise<void> {
    await makeFolders(this.#folder);
    await writeAside(path, (aside) => writeFile(aside, `${JSON.stringify({ format: FORMAT, ...value }, undefined, 1)}\n`));
  }

  #timesPath(model: string, deviceClass: string): string {
    return join(this.#folder, `times-${model.slice(0, 32)}-${digest(deviceClass)}.json`);
  }

  #linksPath(mesh: string): string {
    return join(this.#folder, `links-${digest(mesh)}.json`);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function isMeasured(value: unknown): value is MeasuredText {
  const { layers, ms } = (value ?? {}) as Partial<MeasuredText>;
  return typeof layers === 'string' && isTime(ms);
}

function isTransfer(value: unknown): value is TransferSample {
  const { from, to, bytes, ms } = (value ?? {}) as Partial<TransferSample>;
  return typeof from === 'string' && typeof to === 'string' && isTime(bytes) && isTime(ms);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
