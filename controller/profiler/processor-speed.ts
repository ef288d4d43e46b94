/**
 * How fast a processor is at the moment, against what is usual for it. Another guest on the same core, or heat, make the same model take up to 1.7 times as
 * long a minute later; a small convolution that is timed beside it (the probe) takes as much longer.
 *
 *     measured ── ÷ slowdown ──▶ as usual ──▶ learned         predicted as usual ── × slowdown now ──▶ predicted for now
 *
 *     slowdown = (probe ÷ usual probe) ^ (compute · (1 − m) + memory · m)        m: share of the time in which memory is waited for
 *
 * Whoever waits for memory is slowed down less by a neighbour on the core than a convolution is: both exponents are fitted to batches of inferences, each with a
 * probe beside it. Of what was measured itself, its own batches tell more than any model of it: its exponent is the one they show, as far as they show one.
 *
 * Probes are compared on one processor only: on another, how long a convolution takes says little of other models. A device that is no reference has no usual
 * probe, and is predicted without.
 */
import type { Kernel } from '../../mesh/kernel.ts';
import { median } from '../../mesh/ranked.ts';
import { kernelWork } from './kernels/work.ts';
import { busyCores } from './load-effect.ts';
import type { Sample } from './sample.ts';
import type { KernelsOf } from './subject-kernels.ts';
import { dot } from './transfer/positive-definite.ts';

/** Of devices that differ in their limits only. */
export interface ProcessorSpeed {
  /** Beside so many cores that are busy with something else, ascending: the median of the probe, milliseconds. Load is no slowness; it has an effect of its own. */
  readonly usual: readonly { readonly busy: number; readonly probeMs: number }[];
  /** Exponents: of what computes all the time, and of what waits for memory all the time. */
  readonly compute: number;
  readonly memory: number;
}

type Moment = Pick<Sample, 'circumstance' | 'state'>;

/** What neighbours did to two convolutional networks and a fully connected one on a shared server. Believed as much as {@link PRIOR_WEIGHT} says. */
const PRIOR = { compute: 1, memory: 0.4 };
/** Squared logarithms: as much as ten pairs of measurements of which one took 1.2 times as long. */
const PRIOR_WEIGHT = 0.2;
const EXPONENT_MAX = 1.5;

/** Undefined: it was never probed. `samples`: of one processor. */
export function fitProcessorSpeed(samples: readonly Sample[], kernelsOf: KernelsOf): ProcessorSpeed | undefined {
  const probed = samples.filter(({ state: { probeMs } }) => probeMs !== undefined);
  if (probed.length === 0) return undefined;
  const usual = [...Map.groupBy(probed, busyOf)]
    .map(([busy, own]) => ({ busy, probeMs: median(own.map(({ state }) => state.probeMs!)) }))
    .sort((a, b) => a.busy - b.busy);
  return { usual, ...exponents(probed, kernelsOf) };
}

/** So many times as long as usual does everything take at that moment. 1 when either is not known. `probeMs`: then. */
export function slowdown(speed: ProcessorSpeed | undefined, moment: Moment, probeMs: number | undefined, share: number): number {
  if (speed === undefined || probeMs === undefined) return 1;
  return (probeMs / usualOf(speed, moment)) ** exponentOf(speed, share);
}

function usualOf({ usual }: ProcessorSpeed, moment: Moment): number {
  const busy = busyOf(moment);
  return usual.reduce((a, b) => (Math.abs(b.busy - busy) < Math.abs(a.busy - busy) ? b : a)).probeMs;
}

function exponentOf({ compute, memory }: ProcessorSpeed, share: number): number {
  return compute * (1 - share) + memory * share;
}

/** Of a batch of inferences beside a probe, logarithms: of what has nothing to do with the processor's speed, and of how far exponents are from the two above. */
const BATCH_SPREAD = 0.05;
const EXPONENT_SPREAD = 0.15;

/** What the sample would have taken if the processor had been as fast as usual, milliseconds: each batch by the probe beside it. */
export function usualMs(sample: Pick<Sample, 'circumstance' | 'state' | 'time'>, speed: ProcessorSpeed | undefined, share: number): number {
  const { time, state } = sample;
  if (speed === undefined || time.probes === undefined) return time.ms / slowdown(speed, sample, state.probeMs, share);
  const usualProbeMs = usualOf(speed, sample);
  const x = time.probes.map((ms) => Math.log(ms / usualProbeMs));
  const y = time.batches.map((ms) => Math.log(ms));
  const [x0, y0] = [centred(x), centred(y)];
  const [known, likely] = [1 / BATCH_SPREAD ** 2, 1 / EXPONENT_SPREAD ** 2];
  const exponent = (known * dot(x0, y0) + likely * exponentOf(speed, share)) / (known * dot(x0, x0) + likely);
  return Math.exp(median(y.map((value, batch) => value - bounded(exponent) * x[batch]!)));
}

/** Where nothing is known of what runs. */
const SHARE_TYPICAL = 0.25;
/** Multiply-accumulates in the time of a byte from memory: roughly 20 · 10⁹ a second of a core against 5 · 10⁹ bytes. Only shares depend on it. */
const MACS_PER_BYTE = 4;

/** Of the time of these kernels, 0 to 1: how much of it memory is waited for, by a roofline. */
export function memoryShare(kernels: readonly Kernel[] | undefined): number {
  let [macs, bytes] = [0, 0];
  for (const kernel of kernels ?? []) {
    const work = kernelWork(kernel);
    macs += work.macs;
    bytes += work.inputBytes + work.weightBytes + work.outputBytes;
  }
  return bytes === 0 ? SHARE_TYPICAL : bytes / (bytes + macs / MACS_PER_BYTE);
}

function busyOf({ circumstance, state }: Moment): number {
  // Without a load that was made, what the machine was doing beforehand is no class of its own.
  return circumstance.load === undefined ? 0 : busyCores(circumstance, state);
}

/** Least squares, each subject against its own mean: what it is does not matter, only how it changes with the probe. */
function exponents(samples: readonly Sample[], kernelsOf: KernelsOf): Pick<ProcessorSpeed, 'compute' | 'memory'> {
  let [cc, cm, mm] = [PRIOR_WEIGHT, 0, PRIOR_WEIGHT];
  let [cy, my] = [PRIOR_WEIGHT * PRIOR.compute, PRIOR_WEIGHT * PRIOR.memory];
  const repeated = Map.groupBy(samples, (sample) => {
    const { subject, circumstance } = sample;
    return [subject.sha256, subject.part, circumstance.deviceKey, busyOf(sample)].join(' ');
  });
  for (const own of repeated.values()) {
    const share = memoryShare(kernelsOf(own[0]!));
    const probes = centred(own.flatMap(({ state, time }) => (time.probes ?? [state.probeMs!]).map((ms) => Math.log(ms))));
    const times = centred(own.flatMap(({ time }) => (time.probes === undefined ? [time.ms] : time.batches).map((ms) => Math.log(ms))));
    for (const [index, probe] of probes.entries()) {
      const [compute, memory] = [probe * (1 - share), probe * share];
      cc += compute * compute;
      cm += compute * memory;
      mm += memory * memory;
      cy += compute * times[index]!;
      my += memory * times[index]!;
    }
  }
  const determinant = cc * mm - cm * cm;
  return { compute: bounded((cy * mm - my * cm) / determinant), memory: bounded((my * cc - cy * cm) / determinant) };
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

function bounded(exponent: number): number {
  return Math.min(Math.max(exponent, 0), EXPONENT_MAX);
}
