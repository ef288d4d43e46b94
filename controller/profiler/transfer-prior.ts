/**
 * What is supposed of a device before anything was measured on it: that it is as the known device of the same kind, or else as the most alike of those
 * that are known.
 */
import { type Reference, referenceKey } from './reference.ts';
import type { Circumstance } from './sample.ts';
import { DeviceTransfer } from './transfer/device-transfer.ts';
import { evenWeights } from './transfer/settings.ts';

/** Standard deviations of ln ms: of a device alike, what its timings differ from the known one's; of another, a factor of seven. */
const ALIKE = { offsetSpread: 0.1, noise: 0.1 };
const OTHER = { offsetSpread: 2, noise: 0.2 };

/** Error RangeError without any reference. */
export function transferFor(references: readonly Reference[], circumstance: Circumstance): DeviceTransfer {
  const own = references.findIndex(({ key }) => key === referenceKey(circumstance));
  if (own < 0) return new DeviceTransfer({ weights: evenWeights(references.length), ...OTHER });
  return new DeviceTransfer({ weights: references.map((_, index) => (index === own ? 1 : 0)), ...ALIKE });
}
