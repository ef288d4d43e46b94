/** `+4.2 %`, `−0.3 %`: of a ratio, one digit. `from 0` where there is none. */
export function changeText(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'from 0';
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}
