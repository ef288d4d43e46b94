/** All that an agent tells a Prometheus, read anew for each scrape. What can't be read is absent; nothing here throws over what a machine says. */
import type { Device } from '../../mesh/device.ts';
import { PowerMeter, readTemperature } from '../sensors.ts';
import { characterizationFamilies } from './characterization.ts';
import type { Family } from './family.ts';
import { machineFamilies } from './machine.ts';
import { type OwnFacts, ownFamilies } from './own.ts';

export interface CollectorOptions {
  /** `/`, or a folder that stands for it in a test. */
  readonly root: string;
  readonly dataFolder: string;
  readonly mesh: string;
  readonly device: Device;
  /** What uname calls the hardware: x86_64, aarch64. */
  readonly machine: string;
  readonly softwareVersion: string;
  readonly activity: () => OwnFacts['activity'];
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Power is an average since the scrape before, hence not in the first one on machines that only count energy. */
export function createCollector(options: CollectorOptions): () => Family[] {
  const { root, dataFolder, machine, activity, now } = options;
  const power = new PowerMeter(root);
  return () => [
    ...machineFamilies(root, dataFolder, machine),
    ...characterizationFamilies(root, { ...options, powerWatts: power.read(now()) }),
    ...ownFamilies({ ...options, activity: activity(), temperatureCelsius: readTemperature(root) }),
  ];
}
