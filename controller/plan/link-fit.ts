/**
 * Latency and bandwidth of links from transfers of different sizes: time = latency + bytes ÷ bandwidth, by least squares over what was measured of a
 * pair of devices. One whose transfers are all of a size, or say nothing, is so many times slower than all pairs together, in both.
 */
import { SINK, SOURCE } from '../../mesh/frame.ts';
import type { LinkMeasurement } from '../../mesh/measurement.ts';
import { placementOf } from '../../partition/flow/plan-shape.ts';
import type { Plan } from '../../partition/plan.ts';
import { CONTROLLER, type PlanLink } from './plan-fleet.ts';

export interface TransferSample {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly ms: number;
}

/** Slower than any network would be noticed; faster, nothing is bound by. */
const BYTES_PER_MS_MAX = 1e7;
const SMALL_BYTES = 64 * 1024;

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
  const told = usual === undefined ? 0 : usual.latencyMs + bytes / usual.bytesPerMs;
  if (usual !== undefined && told > 0 && ms > 0) {
    const slower = ms / told;
    return { latencyMs: usual.latencyMs * slower, bytesPerMs: Math.min(BYTES_PER_MS_MAX, usual.bytesPerMs / slower) };
  }
  // A small message shows the latency, a large one the bandwidth.
  if (bytes < SMALL_BYTES || ms === 0) return { latencyMs: ms, bytesPerMs: BYTES_PER_MS_MAX };
  return { latencyMs: 0, bytesPerMs: Math.min(BYTES_PER_MS_MAX, bytes / ms) };
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

/** Between devices, and between them and the controller; what stays on a device is none. */
export function transferSamples(
  plan: Plan,
  links: readonly Pick<LinkMeasurement, 'from' | 'to' | 'wireBytes' | 'transferUs'>[],
): TransferSample[] {
  const placement = placementOf(plan);
  const placeOf = (end: string): string => (end === SOURCE || end === SINK ? CONTROLLER : placement.get(end)!);
  return links
    .map(({ from, to, wireBytes, transferUs }) => ({ from: placeOf(from), to: placeOf(to), bytes: wireBytes, ms: transferUs / 1000 }))
    .filter(({ from, to }) => from !== to);
}
