/**
 * A predictor that is small and honest: a line of ln ms over ln MACs for each device that is known, a transfer for the others, intervals from the errors
 * of a part that it did not learn from.
 */
import { calibrate, intervalOf } from '../../../../controller/profiler/conformal.ts';
import { fitBaselines } from '../../../../controller/profiler/evaluation/baselines.ts';
import type { Asked, FitPredictor } from '../../../../controller/profiler/evaluation/fit-predictor.ts';
import type { Sample } from '../../../../controller/profiler/sample.ts';
import { DeviceTransfer } from '../../../../controller/profiler/transfer/device-transfer.ts';
import { evenWeights } from '../transfer/fit-transfer.ts';

export const smallPredictor: FitPredictor = (train, { kernelsOf }) => {
  const families = [...new Set(train.map(({ subject }) => subject.family))];
  const kept = new Set(families.filter((_, index) => index % 2 === 0));
  const lines = fitBaselines(train, kernelsOf).macs;
  const half = fitBaselines(
    train.filter(({ subject }) => kept.has(subject.family)),
    kernelsOf,
  ).macs;
  const askedOf = (sample: Sample): Asked => {
    const own = kernelsOf(sample);
    return own === undefined ? sample : { ...sample, kernels: own };
  };
  const calibration = calibrate(
    train.flatMap((sample) => {
      const said = kept.has(sample.subject.family) ? undefined : half(askedOf(sample));
      const { device } = sample.circumstance;
      return said === undefined ? [] : [{ group: sample.subject.kind, device, lnError: Math.log(sample.time.ms / said) }];
    }),
  );
  const devices = [...new Set(train.map(({ circumstance }) => circumstance.deviceKey))];
  const transfers = new Map<string, DeviceTransfer>();
  const transferOf = (key: string): DeviceTransfer => {
    const own = devices.indexOf(key);
    const weights = own < 0 ? evenWeights(devices.length) : devices.map((_, index) => (index === own ? 1 : 0));
    const made = transfers.get(key) ?? new DeviceTransfer({ weights });
    transfers.set(key, made);
    return made;
  };
  const basis = (asked: Asked): number[] | undefined => {
    const x = devices.map((deviceKey) => lines({ ...asked, circumstance: { ...asked.circumstance, deviceKey } }));
    return x.includes(undefined) ? undefined : x.map((ms) => Math.log(ms!));
  };
  return {
    importance: [
      { name: 'MACs', share: 0.9 },
      { name: 'device', share: 0.1 },
    ],
    learn(asked, ms) {
      const x = basis(asked);
      if (x !== undefined) transferOf(asked.circumstance.deviceKey).update(x, Math.log(ms));
    },
    predict(asked) {
      const x = basis(asked);
      if (x === undefined) return undefined;
      const { lnMs, count } = transferOf(asked.circumstance.deviceKey).predict(x);
      const ms = Math.exp(lnMs);
      const interval = intervalOf(calibration, ms, { group: asked.subject.kind, device: asked.circumstance.device });
      return { ms, interval, measurements: count, extrapolates: [], contributions: [] };
    },
  };
};
