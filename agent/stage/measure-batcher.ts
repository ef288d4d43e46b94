/** Collects what a stage measures per frame and per route into batches, sideways: the data path only appends. */
import type { Transfer } from '../../mesh/link/outbox.ts';
import { type LinkBatch, MeasureBatch } from '../../proto/gen/mesh/v1/bus.ts';

/** Microseconds, by this process's clock. */
export interface FrameTimes {
  readonly frame: bigint;
  readonly queueUs: number;
  readonly decodeUs: number;
  readonly computeUs: number;
  readonly encodeUs: number;
}

export class MeasureBatcher {
  #frames: FrameTimes[] = [];
  #transfers: Transfer[] = [];

  frame(times: FrameTimes): void {
    this.#frames.push(times);
  }

  transfer(transfer: Transfer): void {
    this.#transfers.push(transfer);
  }

  /** An encoded MeasureBatch (key, device and sequence are the agent's to fill in), or undefined when nothing was measured. */
  take(): Uint8Array | undefined {
    const frames = this.#frames;
    const transfers = this.#transfers;
    if (frames.length === 0 && transfers.length === 0) return undefined;
    this.#frames = [];
    this.#transfers = [];
    const batch = MeasureBatch.create({
      version: 1,
      frame: frames.map(({ frame }) => frame),
      queueUs: frames.map(({ queueUs }) => Math.round(queueUs)),
      decodeUs: frames.map(({ decodeUs }) => Math.round(decodeUs)),
      computeUs: frames.map(({ computeUs }) => Math.round(computeUs)),
      encodeUs: frames.map(({ encodeUs }) => Math.round(encodeUs)),
      links: [...Map.groupBy(transfers, ({ to }) => to)].map(([to, list]) => linkBatch(to, list)),
    });
    return MeasureBatch.encode(batch).finish();
  }
}

function linkBatch(to: string, transfers: readonly Transfer[]): LinkBatch {
  return {
    to,
    frame: transfers.map(({ frame }) => frame),
    rawBytes: transfers.map(({ rawBytes }) => BigInt(rawBytes)),
    wireBytes: transfers.map(({ wireBytes }) => BigInt(wireBytes)),
    transferUs: transfers.map(({ transferUs }) => Math.round(transferUs)),
    codec: transfers.map(({ codec }) => codec),
  };
}
