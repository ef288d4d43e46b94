/**
 * float32 numbers as XGBoost's JSON reader wants them: with an exponent, because a number without point and exponent is an integer to it and refused
 * where it expects a float; with as few digits as tell the number from its neighbours, because it takes at most nine.
 */
export function floatText(value: number): string {
  const wanted = Math.fround(value);
  if (Object.is(wanted, -0)) return '-0E+0';
  for (let digits = 6; digits < 9; digits += 1) {
    const near = Number(wanted.toPrecision(digits));
    if (Math.fround(near) === wanted) return near.toExponential().toUpperCase();
  }
  return Number(wanted.toPrecision(9)).toExponential().toUpperCase();
}
