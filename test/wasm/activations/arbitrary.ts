/**
 * Values as activations are, and as they should never be: each array is runs of different kinds.
 *
 *     ReLU ─ constant ─ zeros ─ wide ─ subnormal ─ …        boundaries of runs fall anywhere in groups and vectors
 */
import fc from 'fast-check';

type Kind = (uniform: () => number) => number;

const gaussian: Kind = (uniform) => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

const kinds = {
  relu: (uniform) => Math.max(0, gaussian(uniform)),
  gaussian,
  shifted: (uniform) => 20 + gaussian(uniform),
  negative: (uniform) => -Math.abs(gaussian(uniform)),
  outliers: (uniform) => gaussian(uniform) * (uniform() < 0.02 ? 1000 : 1),
  constant: () => 0.1,
  zero: () => 0,
  minusZero: () => -0,
  tiny: (uniform) => gaussian(uniform) * 1e-30,
  subnormal: (uniform) => gaussian(uniform) * 1e-41,
  huge: (uniform) => gaussian(uniform) * 1e37,
  largest: (uniform) => (uniform() < 0.5 ? 1 : -1) * 3.4028234663852886e38,
  ties: (uniform) => Math.round(uniform() * 32) / 2,
} satisfies Record<string, Kind>;

const special = { nan: Number.NaN, infinity: Number.POSITIVE_INFINITY, minusInfinity: Number.NEGATIVE_INFINITY };

export type RunKind = keyof typeof kinds | keyof typeof special;

/** Float32 arrays of up to `max` values, in runs of these kinds. */
export function floatsArbitrary(names: readonly RunKind[], max = 400): fc.Arbitrary<Float32Array> {
  const run = fc.record({ kind: fc.constantFrom(...names), length: fc.integer({ min: 1, max: 120 }) });
  return fc
    .record({ runs: fc.array(run, { minLength: 1, maxLength: 8 }), seed: fc.integer() })
    .map(({ runs, seed }) => Float32Array.from(runs.flatMap(({ kind, length }) => values(kind, length, seed))).subarray(0, max));
}

export const ordinary: readonly RunKind[] = [
  'relu',
  'gaussian',
  'shifted',
  'negative',
  'outliers',
  'constant',
  'zero',
  'minusZero',
  'ties',
];
export const extreme: readonly RunKind[] = [...ordinary, 'tiny', 'subnormal', 'huge', 'largest', 'nan', 'infinity', 'minusInfinity'];

/** The same for the same seed. */
export function values(kind: RunKind, count: number, seed: number): number[] {
  const uniform = uniformFrom(seed);
  const make: Kind = kind in special ? () => special[kind as keyof typeof special] : kinds[kind as keyof typeof kinds];
  return Array.from({ length: count }, () => make(uniform));
}

/** In (0, 1); a linear congruential generator is random enough for shapes of data. */
function uniformFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}
