/**
 * What is heard of devices while a run goes on, told to whom it concerns.
 *
 *     gone ──▶ epochs: whatever has stages there is lost          back ──▶ recovery: it may be used again
 *     draining ──▶ plan watch: around it, as soon as a plan has stages there
 */
import type { Plan } from '../../partition/plan.ts';
import type { Epochs } from './epochs.ts';
import type { DeviceChange } from './execution.ts';
import type { PlanWatch } from './plan-watch.ts';
import type { Recovery } from './recovery.ts';

export interface DeviceWatchOptions {
  readonly epochs: Pick<Epochs, 'deviceGone'>;
  readonly recovery: Pick<Recovery, 'deviceBack'>;
  readonly planWatch: Pick<PlanWatch, 'leave'>;
  /** The present one; undefined before there is any. */
  readonly plan: () => Plan | undefined;
}

export class DeviceWatch {
  readonly #options: DeviceWatchOptions;
  readonly #draining = new Set<string>();

  constructor(options: DeviceWatchOptions) {
    this.#options = options;
  }

  changed(change: DeviceChange): void {
    const { epochs, recovery } = this.#options;
    const { device } = change;
    if (change.kind === 'draining') this.#draining.add(device);
    else this.#draining.delete(device);
    if (change.kind === 'gone') epochs.deviceGone(device, change.error);
    else if (change.kind === 'back') recovery.deviceBack(device);
    else this.leaveDraining();
  }

  /** Stages of the present plan may sit on a device that is to be left: it is, or was while they were loaded there. */
  leaveDraining(): void {
    const device = this.#options.plan()?.stages.find((stage) => this.#draining.has(stage.device))?.device;
    if (device !== undefined) this.#options.planWatch.leave(`${device} is draining`);
  }
}
