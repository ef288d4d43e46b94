/**
 * Amounts of memory as people write them: `512MiB`, `1.5GiB`, `2GB`, `65536`.
 */
import { MeshError } from './error.ts';

const units = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['k', 2 ** 10],
  ['m', 2 ** 20],
  ['g', 2 ** 30],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
]);

/** Whole bytes. Error `usage` when it is no amount, or less than one byte. */
export function parseBytes(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = units.get((unit ?? '').toLowerCase());
  const bytes = Math.round(Number(digits) * (factor ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw new MeshError('usage', `"${text}" is not an amount of memory: expected for example 512MiB or 2GB`);
  return bytes;
}

/** For messages: `512 MiB`. */
export function formatBytes(bytes: number): string {
  const [unit, size] =
    bytes >= 2 ** 30 ? ['GiB', 2 ** 30] : bytes >= 2 ** 20 ? ['MiB', 2 ** 20] : bytes >= 2 ** 10 ? ['KiB', 2 ** 10] : ['bytes', 1];
  return `${Math.round((bytes / (size as number)) * 10) / 10} ${unit}`;
}
