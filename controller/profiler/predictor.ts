/**
 * The profiler: what was measured becomes predictions, each with an interval, and every later measurement corrects the device it came from.
 *
 *     samples ──▶ basis of known devices ──▶ x ──▶ transfer of this device ──▶ ms ──▶ interval by residuals of held-out families
 *                                                     ▲
 *     later samples ──────────────────────────────────┘ learn
 */
import { type Basis, type BasisPart, type BasisPoint, basisPoint, fitBasis, type Query } from './basis.ts';
import { type Calibration, calibrate, intervalOf } from './conformal.ts';
import { heldOutResiduals, residualGroup } from './held-out.ts';
import type { Contribution, Prediction } from './prediction.ts';
import { referenceKey } from './reference.ts';
import type { Circumstance, Sample } from './sample.ts';
import type { KernelsOf } from './subject-kernels.ts';
import type { DeviceTransfer } from './transfer/device-transfer.ts';
import { nearness, transferFor } from './transfer-prior.ts';

export interface FitOptions {
  /** Of what is held out together. */
  readonly seed: number;
}

/** A device with a number of threads: what is corrected as one. */
interface Corrected {
  readonly transfer: DeviceTransfer;
  /** Samples of it, in the basis and after. */
  samples: number;
}

/** Of a device that is like no other: fewer say too little to plan with. */
const SAMPLES_MIN = 3;

export class Predictor {
  readonly basis: Basis;
  readonly calibration: Calibration;
  readonly #corrected = new Map<string, Corrected>();

  constructor({ basis, calibration }: Pick<Predictor, 'basis' | 'calibration'>) {
    this.basis = basis;
    this.calibration = calibration;
  }

  /** Undefined: nothing is known of any device, or nothing of the subject. */
  predict(query: Query): Prediction | undefined {
    const point = basisPoint(this.basis, query);
    if (point === undefined) return undefined;
    const { transfer, samples } = this.#of(query.circumstance, point.from);
    const { lnMs, count } = transfer.predict(point.x);
    const ms = Math.exp(lnMs);
    const own = this.#ownReference(query.circumstance);
    const group = residualGroup(point, own >= 0, count);
    return {
      ms,
      interval: intervalOf(this.calibration, ms, { group, device: query.circumstance.deviceKey }),
      measurements: samples + (own >= 0 ? this.basis.references[own]!.samples : 0),
      extrapolates: [...point.extrapolates, ...this.#strange(query, own, samples)],
      contributions: contributionsOf(point, this.#nearest(query.circumstance), ms),
    };
  }

  /** Whether anything was measured on the device, or on one alike. */
  knows(circumstance: Circumstance): boolean {
    return this.#ownReference(circumstance) >= 0 || this.#of(circumstance, 'kernels').samples >= SAMPLES_MIN;
  }

  /** Milliseconds of each of the query's kernels; together what is predicted. Undefined as `predict`, and without kernels. */
  kernelMs(query: Query): readonly number[] | undefined {
    const point = basisPoint(this.basis, query);
    if (point === undefined || point.kernels.length === 0) return undefined;
    const { transfer } = this.#of(query.circumstance, point.from);
    const kernels = point.kernels[this.#nearest(query.circumstance)]!;
    const scale = Math.exp(transfer.predict(point.x).lnMs) / kernels.reduce((sum, { us }) => sum + us, 0);
    return kernels.map(({ us }) => us * scale);
  }

  /** Corrects what is predicted for the query's device. Returns whether the device turned out to have changed for good. */
  learn(query: Query, ms: number): boolean {
    const point = basisPoint(this.basis, query);
    if (point === undefined) return false;
    const corrected = this.#of(query.circumstance, point.from);
    corrected.samples += 1;
    return corrected.transfer.update(point.x, Math.log(ms)).drift;
  }

  #of(circumstance: Circumstance, from: BasisPoint['from']): Corrected {
    const key = `${circumstance.device}, ${circumstance.threads} threads, ${from}`;
    const found = this.#corrected.get(key);
    if (found !== undefined) return found;
    const made = { transfer: transferFor(this.basis.references, circumstance), samples: 0 };
    this.#corrected.set(key, made);
    return made;
  }

  /** What else is said of it comes from the reference that has most in common with it. */
  #nearest(circumstance: Circumstance): number {
    const weights = nearness(this.basis.references, circumstance);
    return weights.indexOf(Math.max(...weights));
  }

  #ownReference(circumstance: Circumstance): number {
    const key = referenceKey(circumstance);
    return this.basis.references.findIndex((reference) => reference.key === key);
  }

  #strange({ circumstance: { device, load } }: Query, own: number, samples: number): string[] {
    const never = own < 0 && samples === 0 ? [`nothing was ever measured on ${device}`] : [];
    const busy = load === undefined ? 0 : load.cores * load.duty;
    const { busyMax } = this.basis.load;
    return busy > busyMax + 0.05
      ? [...never, `${busy.toFixed(1)} cores busy with something else; the most measured was ${busyMax.toFixed(1)}`]
      : never;
  }
}

/** Looks at nothing but the samples. `kernelsOf` tells which kernels a subject has, not how long they take. */
export function fitPredictor(samples: readonly Sample[], kernelsOf: KernelsOf, { seed }: FitOptions): Predictor {
  const basis = fitBasis(samples, kernelsOf);
  const predictor = new Predictor({ basis, calibration: calibrate(heldOutResiduals(samples, kernelsOf, seed)) });
  // Devices whose kernels were never timed are known by their timings only.
  const known = new Set(basis.references.map(({ key }) => key));
  for (const sample of samples) {
    if (!known.has(referenceKey(sample.circumstance))) predictor.learn(queryOf(sample, kernelsOf), sample.time.ms);
  }
  return predictor;
}

/** What would have been asked before it was measured. */
export function queryOf(sample: Sample, kernelsOf: KernelsOf): Query {
  const { subject, circumstance, state } = sample;
  const kernels = kernelsOf(sample);
  return { subject, circumstance, state, ...(kernels === undefined ? {} : { kernels }) };
}

/** Parts in milliseconds are scaled to what is predicted. */
function contributionsOf({ parts, loadEffects, speedEffect = 0 }: BasisPoint, reference: number, ms: number): Contribution[] {
  const own = parts[reference]!;
  const sum = own.reduce((all, { value, unit }) => all + (unit === 'ms' ? value : 0), 0);
  const effects = { load: loadEffects[reference]!, 'processor speed': speedEffect };
  const factors = Object.entries(effects).map(([name, ln]): BasisPart => ({ name, value: Math.exp(ln), unit: '×' }));
  const scale = sum === 0 ? 1 : factors.reduce((left, { value }) => left / value, ms) / sum;
  const scaled = own.map((part) => (part.unit === 'ms' ? { ...part, value: part.value * scale } : part));
  const told = factors.filter(({ value }) => Math.abs(Math.log(value)) >= FACTOR_MIN);
  return [...told, ...scaled].sort((a, b) => weight(b, ms) - weight(a, ms)).slice(0, 3);
}

/** A factor nearer to 1 is not worth telling; of its logarithm. */
const FACTOR_MIN = 0.01;

/** How much of the logarithm of the time a part accounts for, roughly. */
function weight({ value, unit }: BasisPart, ms: number): number {
  return unit === 'ms' ? value / ms : Math.abs(Math.log(value));
}
