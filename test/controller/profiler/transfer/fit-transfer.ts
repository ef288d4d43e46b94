import { DeviceTransfer } from '../../../../controller/profiler/transfer/device-transfer.ts';

/** All rows in their order. */
export function fitTransfer(
  rows: readonly { readonly x: readonly number[]; readonly y: number }[],
  settings: ConstructorParameters<typeof DeviceTransfer>[0],
): DeviceTransfer {
  const made = new DeviceTransfer(settings);
  for (const { x, y } of rows) made.update(x, y);
  return made;
}

/** Nothing is known of the device: all are as likely. */
export function evenWeights(devices: number): number[] {
  return Array.from({ length: devices }, () => 1 / devices);
}
