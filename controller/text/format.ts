/** Numbers for people: three digits that matter, with a unit. */

/** `0.42`, `4.21`, `42.1`, `421`, `4210`. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.01) return value.toFixed(2);
  return value.toPrecision(2);
}

export function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : threeDigits(value);
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value: number): string {
  let unit = 0;
  let scaled = value;
  while (scaled >= 1024 && unit < byteUnits.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? scaled.toFixed(0) : threeDigits(scaled)} ${byteUnits[unit]}`;
}

const countUnits = ['', 'k', 'M', 'G', 'T'];

/** `11.7 M`, `1.82 G`: counts of parameters and operations, in thousands. */
export function count(value: number): string {
  let unit = 0;
  let scaled = value;
  while (scaled >= 1000 && unit < countUnits.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return unit === 0 ? String(value) : `${threeDigits(scaled)} ${countUnits[unit]}`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** `2.3 s`, `1 min 12 s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${threeDigits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
