/**
 * The devices that a pipeline may use, and what it costs to get tensors from one to the other.
 *
 *     places 0 … D−1: devices        places from D on: where only a source or a sink is (the controller's machine)
 *
 * Handing n bytes from p to q, encoded to w = n × ratio:
 *
 *     on p    n × encode + w × cpuPerByte + cpuPerMessage        the same quota that computes
 *     link    latency + w ÷ bandwidth                            occupied for w ÷ bandwidth: frames follow each other
 *     on q    n × decode + w × cpuPerByte + cpuPerMessage
 */

export interface FleetDevice {
  readonly name: string;
  /** Room for stages; infinite when there is no limit. */
  readonly memoryBytes: number;
  /** Time of its CPU to serialize or parse a byte, and a message. */
  readonly cpuPerByte: number;
  readonly cpuPerMessage: number;
  /** What it takes while it computes, above what it takes when idle, watts. */
  readonly activeWatts: number;
  /** Energy of its network interface per byte sent or received, in watts × the unit of time (millijoules with milliseconds). */
  readonly radioPerByte: number;
}

export interface FleetCodec {
  readonly name: string;
  /** Encoded bytes ÷ raw bytes. */
  readonly ratio: number;
  /** Of each device: time per raw byte. */
  readonly encodePerByte: readonly number[];
  readonly decodePerByte: readonly number[];
  /** What it adds to the relative error of the tensors; 0: lossless. */
  readonly error: number;
}

export interface Fleet {
  readonly devices: readonly FleetDevice[];
  /** Devices and places without a processor. */
  readonly places: number;
  /** [from × places + to] bytes per time; infinite on the diagonal. */
  readonly bandwidth: Float64Array;
  /** [from × places + to] time; 0 on the diagonal. */
  readonly latency: Float64Array;
  /** The place frames come from, and where results are wanted; undefined: wherever it suits, at no cost. */
  readonly source: number | undefined;
  readonly sink: number | undefined;
  /** Frames can't follow each other faster, whatever computes them: what source and sink do for each. */
  readonly framePeriod: number;
  /** The first is `none`: as they are. */
  readonly codecs: readonly FleetCodec[];
  /**
   * How transfers share with computation. `streamed`: they overlap, and latency delays frames without occupying the link. `overlapped`: they overlap,
   * and a link is occupied from the beginning of a transfer to its end. `blocking`: besides, a device does not compute while it sends or receives.
   */
  readonly transfers: 'streamed' | 'overlapped' | 'blocking';
}

/** A tensor that travels as it is. */
export function noCodec(devices: number): FleetCodec {
  const free = new Array<number>(devices).fill(0);
  return { name: 'none', ratio: 1, encodePerByte: free, decodePerByte: free, error: 0 };
}

/** From p to q until the last byte has arrived; nothing at one place. */
export function transferTime({ bandwidth, latency, places }: Fleet, wireBytes: number, p: number, q: number): number {
  if (p === q) return 0;
  const at = p * places + q;
  return latency[at]! + wireBytes / bandwidth[at]!;
}

/** How long the way from p to q is taken by one transfer. */
export function occupation(fleet: Fleet, wireBytes: number, p: number, q: number): number {
  if (p === q) return 0;
  return fleet.transfers === 'streamed' ? wireBytes / fleet.bandwidth[p * fleet.places + q]! : transferTime(fleet, wireBytes, p, q);
}
