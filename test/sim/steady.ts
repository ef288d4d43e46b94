/**
 * Which devices a controller could have gone on with: those that no fault has touched for a while. A device that was away a moment ago may
 * rightly count as lost.
 *
 *     crash d1 ├──────┤·····      not steady here, and for STEADY_MS after
 */
import type { TimedFault } from './faults.ts';
import { CONTROLLER_HOST, type Scenario } from './scenario.ts';

/** Three missed beats, a call without an answer, and the way back. */
const STEADY_MS = 8_000;

export function steadyDevices({ devices, faults }: Pick<Scenario, 'devices' | 'faults'>, atMs: number): string[] {
  return devices.filter((device) => !faults.some((fault) => touches(fault, device) && disturbs(fault, atMs)));
}

/** Nothing else is going on anywhere from one time to the other. */
export function isQuiet(faults: readonly TimedFault[], fromMs: number, untilMs: number, but: TimedFault): boolean {
  return !faults.some((fault) => fault !== but && fault.atMs < untilMs && fault.atMs + quietAfterMs(fault) > fromMs);
}

/** What stays away for good is got over like what stays away for long. */
function quietAfterMs(fault: TimedFault): number {
  return ('forMs' in fault && fault.forMs !== undefined ? fault.forMs : 0) + STEADY_MS;
}

function touches(fault: TimedFault, device: string): boolean {
  switch (fault.kind) {
    case 'crash':
    case 'drain':
    case 'disk-full':
      return fault.host === device;
    case 'kill':
      return fault.host === device && fault.what === 'agent';
    case 'pause':
      return (fault.host === device || fault.host === CONTROLLER_HOST) && fault.what === 'host';
    case 'cut':
      return [fault.from, fault.to].includes(device) && [fault.from, fault.to].includes(CONTROLLER_HOST);
    default:
      return false;
  }
}

function disturbs(fault: TimedFault, atMs: number): boolean {
  if (fault.atMs > atMs) return false;
  // A killed agent is back within two seconds.
  const lastsMs = fault.kind === 'kill' ? 2_000 : 'forMs' in fault && fault.forMs !== undefined ? fault.forMs : Number.POSITIVE_INFINITY;
  return atMs < fault.atMs + lastsMs + STEADY_MS;
}
