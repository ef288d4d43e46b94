/**
 * How far off predictions are for models of families that were never seen: what intervals are made of. Every family is held out once; what its samples
 * come to without it is a residual. A device is held out, too: how far off its samples are when it is known by none, a few or some timings.
 */
import type { Kernel } from '../../mesh/kernel.ts';
import { Random } from '../../mesh/random.ts';
import { shuffled } from '../../mesh/shuffled.ts';
import { type Basis, type BasisPoint, basisPoint, fitBasis } from './basis.ts';
import type { Residual } from './conformal.ts';
import { type Reference, referenceKey } from './reference.ts';
import { isWhole, type Sample } from './sample.ts';
import type { KernelsOf } from './subject-kernels.ts';
import type { DeviceTransfer } from './transfer/device-transfer.ts';
import { transferFor } from './transfer-prior.ts';

const FOLDS = 4;

/** Residuals of one group are of the same kind: how much of the subject is known, and how well the device. */
export function residualGroup(
  { from, known, speedEffect }: Pick<BasisPoint, 'from' | 'known' | 'speedEffect'>,
  isReference: boolean,
  timings: number,
): string {
  const subject = from === 'counts' ? 'counts' : known >= KNOWN_MIN ? 'measured kernels' : 'new kernels';
  if (isReference) return `${subject}, known device${speedEffect === undefined ? '' : ' and speed'}`;
  return `${subject}, ${timings >= 10 ? '10 timings' : timings >= 3 ? '3 timings' : timings >= 1 ? '1 timing' : 'no timing'}`;
}

/** Of the time. */
const KNOWN_MIN = 0.95;

/** `kernelsOf` tells which kernels a subject has, not how long they take. */
export function heldOutResiduals(samples: readonly Sample[], kernelsOf: KernelsOf, seed: number): Residual[] {
  const random = new Random(seed);
  const judged = samples.filter(isWhole);
  const families = shuffled([...new Set(judged.map(({ subject }) => subject.family))], random);
  const folds = Math.min(FOLDS, families.length);
  if (folds < 2) return [];
  return Array.from({ length: folds }, (_, fold) => {
    const held = new Set(families.filter((_family, index) => index % folds === fold));
    const train = samples.filter(({ subject }) => !held.has(subject.family));
    const basis = fitBasis(train, kernelsOf);
    const test = judged.filter(({ subject }) => held.has(subject.family));
    const seen = fold === 0 ? judged.filter(({ subject }) => !held.has(subject.family)) : [];
    const far = new StrangeDevices(basis, train, kernelsOf, random);
    return [...test, ...seen].flatMap((sample) => [...ownResiduals(basis, sample, kernelsOf(sample)), ...far.residuals(sample)]);
  }).flat();
}

/** As if the device were known: it is one of the references. Its speed at the moment is known, or is not. */
function ownResiduals(basis: Basis, sample: Sample, kernels: readonly Kernel[] | undefined): Residual[] {
  const own = basis.references.findIndex(({ key }) => key === referenceKey(sample.circumstance));
  if (own < 0) return [];
  const found = sample.state.probeMs === undefined ? [sample] : [sample, withoutProbe(sample)];
  const queries = found.flatMap((each) => [
    ...(kernels === undefined ? [] : [{ ...each, kernels }]),
    ...(sample.subject.kind === 'model' ? [withoutKernels(each)] : []),
  ]);
  return queries.flatMap((query) => {
    const point = basisPoint(basis, query);
    return point === undefined ? [] : [residual(sample, residualGroup(point, true, 0), point.x[own]!)];
  });
}

const TIMINGS = [0, 1, 3, 10];

/** As if each device in turn were none of the references, and some timings of it were all that is known. */
class StrangeDevices {
  readonly #basis: Basis;
  readonly #kernelsOf: KernelsOf;
  /** By reference: a transfer for each number of timings. */
  readonly #transfers: ReadonlyMap<string, readonly DeviceTransfer[]>;

  constructor(basis: Basis, train: readonly Sample[], kernelsOf: KernelsOf, random: Random) {
    this.#basis = basis;
    this.#kernelsOf = kernelsOf;
    const others = basis.references.length - 1;
    const timed = train.filter((sample) => sample.subject.kind !== 'kernels' && kernelsOf(sample) !== undefined);
    this.#transfers = new Map(
      (others < 1 ? [] : basis.references).map(({ key }, own) => {
        const alike = timed.filter(({ circumstance }) => referenceKey(circumstance) === key);
        const timings = shuffled(alike, random).slice(0, Math.max(...TIMINGS));
        const references = basis.references.filter((_, index) => index !== own);
        return [key, TIMINGS.map((count) => this.#transfer(references, alike[0]!, timings.slice(0, count), own))];
      }),
    );
  }

  #transfer(references: readonly Reference[], { circumstance }: Sample, timings: readonly Sample[], own: number): DeviceTransfer {
    const transfer = transferFor(references, circumstance);
    for (const sample of timings) transfer.update(this.#others(this.#point(sample)!, own), Math.log(sample.time.ms));
    return transfer;
  }

  residuals(sample: Sample): Residual[] {
    const key = referenceKey(sample.circumstance);
    const point = this.#point(sample);
    const transfers = this.#transfers.get(key);
    if (point === undefined || transfers === undefined) return [];
    const own = this.#basis.references.findIndex((reference) => reference.key === key);
    return transfers.map((transfer) => {
      const { lnMs, count } = transfer.predict(this.#others(point, own));
      return residual(sample, residualGroup(point, false, count), lnMs);
    });
  }

  #point(sample: Sample): BasisPoint | undefined {
    const kernels = this.#kernelsOf(sample);
    // A device that is no reference has no usual speed.
    return kernels === undefined ? undefined : basisPoint(this.#basis, { ...withoutProbe(sample), kernels });
  }

  #others({ x }: BasisPoint, own: number): number[] {
    return x.filter((_, index) => index !== own);
  }
}

function withoutKernels({ kernels: _, ...query }: Sample): Omit<Sample, 'kernels'> {
  return query;
}

function withoutProbe(sample: Sample): Sample {
  const { probeMs: _, ...state } = sample.state;
  return { ...sample, state };
}

function residual({ circumstance, time }: Sample, group: string, lnMs: number): Residual {
  return { group, device: circumstance.deviceKey, lnError: Math.log(time.ms) - lnMs };
}
