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
  const key = referenceKey(circumstance);
  const common = references.map((reference) => inCommon(reference.key, key));
  const most = Math.max(...common);
  const nearest = common.filter((count) => count === most).length;
  const weights = common.map((count) => (count === most ? 1 / nearest : 0));
  return new DeviceTransfer({ weights, ...(references.some((reference) => reference.key === key) ? ALIKE : OTHER) });
}

/** Facts that both keys have: processor, cores, limits, runtime, threads. */
function inCommon(a: string, b: string): number {
  const facts = new Set(b.split(', '));
  return a.split(', ').filter((fact) => facts.has(fact)).length;
}
