/**
 * Energy of the device: the counters of its processor packages (RAPL), or the power of its input rail (INA3221) added up over time:
 *
 *     W   ┌─╲    ╱──        each reading adds the mean of two powers × the time between them: read it often
 *     ────┴──┴──┴──┴──▶
 */
import { PackageEnergy, readInputRailWatts } from '../sensors.ts';

export class EnergyMeter {
  readonly #root: string;
  readonly #packages: PackageEnergy;
  #rail: { readonly watts: number; readonly nowMs: number; readonly joules: number } | undefined;

  /** `root` is `/`, or a folder that stands for it in a test. */
  constructor(root: string) {
    this.#root = root;
    this.#packages = new PackageEnergy(root);
  }

  /** Joules since the first reading, which is 0. `nowMs`: any monotonic clock. Undefined where nothing tells. */
  read(nowMs: number): number | undefined {
    const watts = readInputRailWatts(this.#root);
    if (watts === undefined) return this.#packages.read();
    const last = this.#rail ?? { watts, nowMs, joules: 0 };
    const joules = last.joules + (((last.watts + watts) / 2) * (nowMs - last.nowMs)) / 1000;
    this.#rail = { watts, nowMs, joules };
    return joules;
  }
}
