/**
 * float16 as the language rounds it, and bfloat16 by its definition: the nearest multiple of the last place, ties to even.
 */
interface HalfRounding {
  f16round(x: number): number;
}

export function halfOf(x: number): number {
  return (Math as unknown as HalfRounding).f16round(x);
}

export function brainOf(x: number): number {
  if (x === 0) return x;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -126);
  // log2 of a number just below a power of two may round up to it.
  const place = 2 ** ((Math.abs(x) < 2 ** exponent && exponent > -126 ? exponent - 1 : exponent) - 7);
  return roundEven(x / place) * place;
}

export function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
