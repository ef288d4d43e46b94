/**
 * The filter pipeline: up to six filters, applied first to last to compress and last to first to decompress. A chunk has six places with a
 * number and a parameter each; we fill them from the end, as others do.
 *
 *     ['delta', 'shuffle']   ──▶   numbers  0 0 0 0 3 1    parameters  0 0 0 0 0 0
 */
import { Blosc2Error } from './error.ts';

/**
 * `shuffle` and `bitshuffle` regroup bytes or bits by their place in the element; `delta` combines with the chunk's first block; `trunc_prec`
 * (lossy) keeps so many bits of the significand of float32 (0 < bits < 23) or float64 (0 < bits < 52), and comes before all others.
 */
export type Filter = 'shuffle' | 'bitshuffle' | 'delta' | { readonly truncPrec: number };

export const PLACES = 6;
export const SHUFFLE = 1;
export const BITSHUFFLE = 2;
export const DELTA = 3;
export const TRUNC_PREC = 4;

const numbers = { shuffle: SHUFFLE, bitshuffle: BITSHUFFLE, delta: DELTA } as const;
const names = ['none', 'shuffle', 'bitshuffle', 'delta', 'trunc_prec'] as const;

/** Six numbers and six parameters, as a chunk has them. */
export interface Pipeline {
  readonly numbers: Uint8Array;
  readonly parameters: Uint8Array;
}

export function filterName(number: number): string {
  return names[number] ?? `filter ${number}`;
}

export function pipelineOf(filters: readonly Filter[], typesize: number): Pipeline {
  if (filters.length > PLACES) throw new Blosc2Error('usage', `${filters.length} filters; a chunk has place for ${PLACES}`);
  const pipeline = { numbers: new Uint8Array(PLACES), parameters: new Uint8Array(PLACES) };
  filters.forEach((filter, i) => {
    const place = PLACES - filters.length + i;
    if (typeof filter === 'object') {
      const bits = significandBits(typesize);
      if (!Number.isInteger(filter.truncPrec) || filter.truncPrec < 1 || filter.truncPrec >= bits) {
        throw new Blosc2Error('usage', `truncPrec ${filter.truncPrec}; expected 1 to ${bits - 1} bits for a typesize of ${typesize}`);
      }
      if (i > 0) throw new Blosc2Error('usage', 'truncPrec comes before all other filters: behind them there are no numbers any more');
      pipeline.numbers[place] = TRUNC_PREC;
      pipeline.parameters[place] = filter.truncPrec;
    } else {
      const number = numbers[filter];
      if (number === undefined) {
        throw new Blosc2Error('usage', `filter "${filter}"; expected shuffle, bitshuffle, delta or { truncPrec: bits }`);
      }
      pipeline.numbers[place] = number;
    }
  });
  return pipeline;
}

/** How many bits of the significand a float of this size has. */
export function significandBits(typesize: number): number {
  if (typesize === 4) return 23;
  if (typesize === 8) return 52;
  throw new Blosc2Error('usage', `truncPrec with a typesize of ${typesize}; expected 4 (float32) or 8 (float64)`);
}
