/**
 * From what is known of other devices to one that was hardly ever measured. The predictions of the known devices for a subject are the basis; the device is
 * some mixture of them, times a factor.
 *
 *     ln ms = Σ wᵢ xᵢ + b + Σ dᵢ (xᵢ − cᵢ)        xᵢ: ln of the ms that known device i would take        b: wide prior, the first timing decides it
 *             └ prior ┘   └ what is learnt ┘                                                              d: tight prior, above all of their sum
 *
 * Bayesian linear regression (Bishop, Pattern Recognition and Machine Learning, 3.3), in information form. The first timings are looked at together, because
 * one of them may be wild; from then on each is added with a weight by how far it is off, and older ones are forgotten slowly. When the
 * device changes for good (another governor, a hot summer), the factor is let loose, and the timings since then are the new first ones.
 */
import { type Belief, faded, loosened, type Moments, moments, priorBelief, type Row, seen, valueAt } from './belief.ts';
import { afterTiming, type CusumState, driftSince, quiet } from './cusum.ts';
import { afterResidual, type NoiseState } from './noise.ts';
import { dot } from './positive-definite.ts';
import { seenTogether, weightOf } from './seen-together.ts';
import { type TransferSettings, transferSettings } from './settings.ts';

/** Plain data, as JSON keeps it. */
export interface TransferState {
  readonly settings: TransferSettings;
  /** Null: no timing yet. */
  readonly centre: readonly number[] | null;
  /** All but `recent` while that is looked at together. */
  readonly belief: Belief;
  readonly together: boolean;
  /** The last, newest last: looked at together, or where a drift would have begun. */
  readonly recent: readonly Row[];
  readonly noise: NoiseState;
  readonly cusum: CusumState;
  readonly count: number;
  readonly drifts: number;
}

export interface TransferUpdate {
  /** Standard deviations between the timing and what was predicted. */
  readonly z: number;
  /** It has changed for good; the factor is learnt anew. */
  readonly drift: boolean;
}

export interface TransferPrediction {
  readonly lnMs: number;
  /** Of a single timing around it. */
  readonly variance: number;
  /** Timings of the device since it last changed for good. */
  readonly count: number;
}

/** A drift that began longer ago is not looked back at. */
const RECENT_MAX = 16;

export class DeviceTransfer {
  #state: TransferState;
  #moments: Moments;

  /** A RangeError when the weights of known devices do not add up to 1. */
  constructor(settings: Parameters<typeof transferSettings>[0]) {
    const all = transferSettings(settings);
    this.#state = {
      ...{ settings: all, centre: all.centre ?? null, belief: priorOf(all), together: true, recent: [], cusum: quiet, count: 0, drifts: 0 },
      noise: { variance: all.noise ** 2, count: all.noiseCount },
    };
    this.#moments = moments(this.#state.belief);
  }

  static fromJSON(state: TransferState): DeviceTransfer {
    const made = new DeviceTransfer(state.settings);
    made.#to(state);
    return made;
  }

  toJSON(): TransferState {
    return this.#state;
  }

  /** How often it has changed for good. */
  get drifts(): number {
    return this.#state.drifts;
  }

  /** `x`: ln of the ms that each known device would take; a RangeError when they are not as many as there are weights, or not finite. */
  predict(x: readonly number[]): TransferPrediction {
    const { settings, noise, count } = this.#state;
    const { mean, variance } = valueAt(this.#moments, this.#features(x));
    return { lnMs: dot(settings.weights, x) + mean, variance: variance + noise.variance, count };
  }

  /** `y`: ln of the ms that it took. */
  update(x: readonly number[], y: number): TransferUpdate {
    if (!Number.isFinite(y)) throw new RangeError(`the logarithm of a time is ${y}`);
    this.#state = { ...this.#state, centre: this.#state.centre ?? x };
    const row = { features: this.#features(x), target: y - dot(this.#state.settings.weights, x) };
    const { mean, variance } = valueAt(this.#moments, row.features);
    const residual = row.target - mean;
    const all = variance + this.#state.noise.variance;
    const z = residual / Math.sqrt(all);
    const counted = { ...this.#state, count: this.#state.count + 1, recent: [...this.#state.recent, row].slice(-RECENT_MAX) };
    if (counted.together) {
      this.#to(withFirst(counted));
      return { z, drift: false };
    }
    const cusum = afterTiming(counted.cusum, z);
    const next = withNext({ ...counted, cusum }, row, residual, all);
    const since = driftSince(cusum);
    this.#to(since === undefined ? next : changed(next, since));
    return { z, drift: since !== undefined };
  }

  #to(state: TransferState): void {
    this.#state = state;
    const { settings, belief, together, recent, noise } = state;
    this.#moments = moments(together ? seenTogether(belief, recent, noise.variance, settings.huber).belief : belief);
  }

  #features(x: readonly number[]): number[] {
    const { centre, settings } = this.#state;
    if (x.length !== settings.weights.length || !x.every(Number.isFinite)) {
      throw new RangeError(`${settings.weights.length} finite predictions of known devices are needed, not [${x.join(', ')}]`);
    }
    return [1, ...x.map((value, index) => value - (centre ?? x)[index]!)];
  }
}

function priorOf({ weights, offsetSpread, weightSpread, sumSpread }: TransferSettings): Belief {
  return priorBelief(weights.length, { offset: offsetSpread, weight: weightSpread, sum: sumSpread });
}

/** When there are enough of the first timings, they become part of the belief, with the weights they have now. */
function withFirst(state: TransferState): TransferState {
  const { settings, belief, recent, noise } = state;
  if (recent.length < settings.together) return state;
  const { belief: next, residuals } = seenTogether(belief, recent, noise.variance, settings.huber);
  // One degree of freedom went into the offset.
  const share = recent.length / Math.max(1, recent.length - 1);
  return {
    ...{ ...state, belief: next, together: false, recent: [] },
    noise: residuals.reduce((now, residual) => afterResidual(now, share * residual ** 2), noise),
  };
}

/** `variance`: of the residual, with the noise in it. */
function withNext(state: TransferState, row: Row, residual: number, variance: number): TransferState {
  const { settings, belief, noise } = state;
  const rest = faded(belief, priorOf(settings), settings.forgetting);
  return {
    ...{ ...state, belief: seen(rest, row, weightOf(residual, variance, settings.huber) / noise.variance) },
    noise: afterResidual(noise, (residual ** 2 * noise.variance) / variance),
  };
}

/** The last `since` timings are the first ones of what it is now. */
function changed(state: TransferState, since: number): TransferState {
  const { settings, belief, recent, drifts } = state;
  const own = recent.slice(-since);
  return withFirst({
    ...{ ...state, belief: loosened(belief, settings.offsetSpread), together: true, recent: own },
    ...{ cusum: quiet, count: own.length, drifts: drifts + 1 },
  });
}
