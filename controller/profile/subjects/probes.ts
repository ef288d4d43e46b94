/**
 * Tiny models that show what a device is like, whatever it calls itself: how fast it multiplies, convolves, copies, and how long it takes to begin at all. A
 * collection measures them first and last in each turn, so that they show a change, too.
 */
import type { Model } from '../../../partition/model.ts';
import { type Feature, Network } from '../../../partition/zoo/network.ts';

const SEED = 1;

/** Its name. */
export const SPEED_PROBE = 'speed';

/** By name. */
export const probes: Readonly<Record<string, () => Model>> = {
  /** 256 × 256 × 256: 17 million multiply-accumulates. */
  gemm: () =>
    probe('gemm', (net) => {
      const x = net.input('x', [256, 256]);
      return net.node('gemm', 'MatMul', [x.name, net.weights('weight', [256, 256], 0, 0.05)], [], [256, 256]);
    }),
  /** 3 × 3, 64 to 64 channels, 28 × 28: 29 million multiply-accumulates. */
  conv: () => probe('conv', (net) => net.conv('conv', net.input('x', [1, 64, 28, 28]), { channels: 64, kernel: 3, pad: 1 })),
  /** 3 × 3, 192 channels, 28 × 28: as much memory, a little arithmetic. */
  depthwise: () =>
    probe('depthwise', (net) => net.conv('conv', net.input('x', [1, 192, 28, 28]), { channels: 192, kernel: 3, pad: 1, groups: 192 })),
  /** 4 MiB are read and 4 MiB written: more than fits into a core's own cache. */
  copy: () => probe('copy', (net) => net.concat('copy', [net.input('a', [1, 2, 512, 512]), net.input('b', [1, 2, 512, 512])])),
  /** 3 × 3, 64 to 64 channels, 16 × 16: 9 million multiply-accumulates, less than a millisecond. Run beside all that is measured (TimingWorkload.speedProbe). */
  [SPEED_PROBE]: () => probe('speed', (net) => net.conv('conv', net.input('x', [1, 64, 16, 16]), { channels: 64, kernel: 3, pad: 1 })),
  /** One number: what an inference costs before anything is computed. */
  'wake-up': () => probe('wake-up', (net) => net.relu('relu', net.input('x', [1, 1]))),
};

function probe(name: string, build: (net: Network) => Feature): Model {
  const net = new Network(`probe-${name}`, SEED);
  return net.model(build(net), 'y');
}
