/**
 * Names that Excel accepts for sheets: up to 31 characters, none of []:*?/\, no apostrophe at an end, not "History", and no two alike without regard to case.
 *
 *     frames of run 2026-01-01T00:00:00Z on pi1  ─▶  frames of run 2026-01-01T00_00_
 */
import { uniqueName } from './unique-name.ts';

const LENGTH_MAX = 31;

/** One for each, in their order. */
export function sheetNames(names: readonly string[]): string[] {
  // "History" is the sheet in which Excel keeps changes.
  const used = new Set(['history']);
  return names.map((name) => uniqueName(allowed(name), used, { max: LENGTH_MAX, fold: (whole) => whole.toLowerCase() }));
}

function allowed(name: string): string {
  const short = name
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in it
    .replace(/[[\]:*?/\\\0-\x1f\x7f\ufffe\uffff]/g, '_')
    .slice(0, LENGTH_MAX)
    // What was cut through the middle of a character, too.
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed()
    .replace(/^'|'$/g, '_');
  return short.trim() === '' ? 'table' : short;
}
