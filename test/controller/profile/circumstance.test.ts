/** Keys of devices are written in one place and read in another: both have to mean the same. */
import test from 'ava';
import { deviceKeyOf } from '../../../controller/profile/circumstance.ts';
import { processorKey } from '../../../controller/profiler/processor.ts';
import type { Device } from '../../../mesh/device.ts';

const device = { arch: 'arm64', cpuModel: 'Cortex-A76', cores: 4, runtimeVersion: '1.30.0' } as Device;

test('devices of one processor with unlike limits have keys of their own, and one processor', (t) => {
  const limits = [{}, { quotaCores: 0.5 }, { quotaCores: 2, memoryLimitBytes: 1e9 }, { memoryLimitBytes: 5e8, sharing: 3 }];
  const keys = limits.map((each) => deviceKeyOf(device, each));
  t.is(new Set(keys).size, limits.length);
  t.deepEqual(
    [...new Set(keys.map((deviceKey) => processorKey({ deviceKey, threads: 1 })))],
    ['arm64, Cortex-A76, 4 cores, runtime 1.30.0, 1 threads'],
  );
});

test('another processor, number of cores or threads, or runtime is another', (t) => {
  const changes: Partial<Device>[] = [{}, { arch: 'x64' }, { cpuModel: 'Cortex-A72' }, { cores: 2 }, { runtimeVersion: '1.29.0' }];
  const keys = changes.flatMap((change) =>
    [1, 2].map((threads) => processorKey({ deviceKey: deviceKeyOf({ ...device, ...change }, { quotaCores: 1 }), threads })),
  );
  t.is(new Set(keys).size, 10);
});
