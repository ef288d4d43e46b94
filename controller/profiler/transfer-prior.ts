/**
 * What is supposed of a device before anything was measured on it: that it is as the known device of the same key, or else as those that have most
 * in common with it.
 */
import { type Reference, referenceKey } from './reference.ts';
import type { Circumstance } from './sample.ts';
import { DeviceTransfer } from './transfer/device-transfer.ts';

/** Standard deviations of ln ms: what timings of a device differ from the known one of its key; of another, a factor of seven. */
const ALIKE = { offsetSpread: 0.1, noise: 0.1 };
const OTHER = { offsetSpread: 2, noise: 0.2 };

/** Error RangeError without any reference. */
export function transferFor(references: readonly Pick<Reference, 'key'>[], circumstance: Circumstance): DeviceTransfer {
  const isKnown = references.some(({ key }) => key === referenceKey(circumstance));
  return new DeviceTransfer({ weights: nearness(references, circumstance), ...(isKnown ? ALIKE : OTHER) });
}

/** 1 in all: the device's own reference, or as much of each that has most in common with it. */
export function nearness(references: readonly Pick<Reference, 'key'>[], circumstance: Circumstance): number[] {
  const key = referenceKey(circumstance);
  // Others may have all of its facts, and more.
  if (references.some((reference) => reference.key === key)) return references.map((reference) => (reference.key === key ? 1 : 0));
  const common = references.map((reference) => inCommon(reference.key, key));
  const most = Math.max(...common);
  const nearest = common.filter((count) => count === most).length;
  return common.map((count) => (count === most ? 1 / nearest : 0));
}

/** Facts that both keys have: processor, cores, limits, runtime, threads. */
function inCommon(a: string, b: string): number {
  const facts = new Set(b.split(', '));
  return a.split(', ').filter((fact) => facts.has(fact)).length;
}
