/**
 * Latency and bandwidth of links from transfers of different sizes: time = latency + bytes ÷ bandwidth, by least squares over what was measured of a
 * pair of devices. One whose transfers are all of a size gets the latency that all pairs have together; one without any, both.
 */
import type { PlanLink } from './plan-fleet.ts';

export interface TransferSample {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly ms: number;
}

/** Slower than any network would be noticed; faster, nothing is bound by. */
const BYTES_PER_MS_MAX = 1e7;

/** Undefined when nothing was measured at all. */
export function fitLinks(samples: readonly TransferSample[]): ((from: string, to: string) => PlanLink) | undefined {
  if (samples.length === 0) return undefined;
  const usual = fitted(samples, undefined);
  const pairs = Map.groupBy(samples, ({ from, to }) => `${from} ${to}`);
  const byPair = new Map([...pairs].map(([pair, own]) => [pair, fitted(own, usual)]));
  return (from, to) => byPair.get(`${from} ${to}`) ?? byPair.get(`${to} ${from}`) ?? usual;
}

function fitted(samples: readonly TransferSample[], usual: PlanLink | undefined): PlanLink {
  const points = medians(samples);
  const bytes = average(points.map((point) => point.bytes));
  const ms = average(points.map((point) => point.ms));
  const spread = points.reduce((sum, point) => sum + (point.bytes - bytes) ** 2, 0);
  const together = points.reduce((sum, point) => sum + (point.bytes - bytes) * (point.ms - ms), 0);
  const slope = spread > 0 ? together / spread : 0;
  const latencyMs = ms - slope * bytes;
  if (slope > 0 && latencyMs >= 0) return { latencyMs, bytesPerMs: Math.min(BYTES_PER_MS_MAX, 1 / slope) };
  // One size, or noise: the latency that others have, or the shortest transfer; the rest is bandwidth.
  const shortest = Math.min(...points.map((point) => point.ms));
  const assumed = Math.min(shortest, usual?.latencyMs ?? shortest / 2);
  const rest = ms - assumed;
  return { latencyMs: assumed, bytesPerMs: rest > 0 && bytes > 0 ? Math.min(BYTES_PER_MS_MAX, bytes / rest) : BYTES_PER_MS_MAX };
}

/** One point for each size: single transfers are noisy. */
function medians(samples: readonly TransferSample[]): { readonly bytes: number; readonly ms: number }[] {
  return [...Map.groupBy(samples, ({ bytes }) => bytes)].map(([bytes, own]) => {
    const times = own.map(({ ms }) => ms).sort((a, b) => a - b);
    return { bytes, ms: times[Math.floor((times.length - 1) / 2)]! };
  });
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
