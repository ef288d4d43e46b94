/**
 * Random weights that are the same bytes on every machine: integer arithmetic and exact float operations only, because sine and logarithm
 * differ between C libraries.
 *
 *     sfc32 ──▶ 32 random bits ──▶ sum of four 16-bit halves of two words: nearly normal (Irwin–Hall, n = 4) ──▶ × std, + mean
 */

/** Chris Doty-Humphrey's sfc32 (PractRand): 128 bits of state, passes the usual batteries, four additions a number. */
export class RandomBits {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream: number) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    this.#c = Math.imul(stream ^ 0x9e3779b9, 0x85ebca6b) | 0;
    // The first numbers still show the seed.
    for (let i = 0; i < 12; i++) this.next();
  }

  /** 32 random bits as a signed integer. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum;
  }
}

/** Standard deviation of the sum of four independent integers uniform on 0 … 65535: √(4 · (65536² − 1) / 12). */
const SUM_STD = Math.sqrt((4 * (65536 * 65536 - 1)) / 12);
const SUM_MEAN = 2 * 65535;

/** `count` float32 values, nearly normal with this mean and standard deviation, within ±3.5 standard deviations. */
export function normalWeights(count: number, mean: number, std: number, bits: RandomBits): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  const scale = std / SUM_STD;
  for (let i = 0; i < count; i++) {
    const one = bits.next();
    const two = bits.next();
    values[i] = mean + ((one & 0xffff) + (one >>> 16) + (two & 0xffff) + (two >>> 16) - SUM_MEAN) * scale;
  }
  return values;
}
