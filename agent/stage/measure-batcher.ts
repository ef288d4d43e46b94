/** Collects what a stage measures per frame and per route into batches, sideways: the data path only appends. */
import type { Transfer } from '../../mesh/link/transfers.ts';
import type { LinkMeasures } from '../../mesh/measures.ts';
import { encodeMeasures } from '../../mesh/wire-measures.ts';

/** Microseconds, by this process's clock. */
export interface FrameTimes {
  readonly frame: bigint;
  readonly queueUs: number;
  readonly decodeUs: number;
  readonly computeUs: number;
  readonly encodeUs: number;
  /** Of the speed probe; 0: there is none. */
  readonly probeUs: number;
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
    return encodeMeasures({
      frame: frames.map(({ frame }) => frame),
      queueUs: frames.map(({ queueUs }) => queueUs),
      decodeUs: frames.map(({ decodeUs }) => decodeUs),
      computeUs: frames.map(({ computeUs }) => computeUs),
      encodeUs: frames.map(({ encodeUs }) => encodeUs),
      probeUs: frames.some(({ probeUs }) => probeUs > 0) ? frames.map(({ probeUs }) => probeUs) : [],
      links: [...Map.groupBy(transfers, ({ to }) => to)].map(([to, list]) => linkMeasures(to, list)),
    });
  }
}

function linkMeasures(to: string, transfers: readonly Transfer[]): LinkMeasures {
  return {
    to,
    frame: transfers.map(({ frame }) => frame),
    rawBytes: transfers.map(({ rawBytes }) => rawBytes),
    wireBytes: transfers.map(({ wireBytes }) => wireBytes),
    transferUs: transfers.map(({ transferUs }) => transferUs),
    occupiedUs: transfers.map(({ occupiedUs }) => occupiedUs),
    encodeUs: transfers.map(({ encodeUs }) => encodeUs),
    codec: transfers.map(({ codec }) => codec),
  };
}
