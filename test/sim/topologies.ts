/** What is emulated and predicted: who computes what, how fast, and what is between them. Quotas add up to little more than one core of two. */

export interface Topology {
  readonly title: string;
  /** As for `controller run --split`. */
  readonly split: string;
  /** As in a plan file; then `split` is the model alone. */
  readonly stages?: Readonly<Record<string, { readonly layers: string; readonly device: string }>>;
  /** Device of each stage or seat, in order; in a plan file they are named. */
  readonly on: readonly string[];
  /** Cores. */
  readonly quotas: Readonly<Record<string, number>>;
  /** Of every device's cable, both ways. Default: no limit. */
  readonly bitsPerS?: number;
  /** Of what others pull from this device. */
  readonly far?: Readonly<Record<string, { readonly delayMs: number; readonly jitterMs?: number }>>;
  readonly window?: number | 'auto';
  /** Open loop: so much of what the simulator says is possible. Default: closed loop. */
  readonly load?: number;
  readonly frames: number;
}

const two = { a: 0.5, b: 0.5 };
const three = { a: 0.4, b: 0.4, c: 0.4 };
const four = { a: 0.3, b: 0.3, c: 0.3, d: 0.3 };

/** Two branches of a fire module side by side. */
const fire = {
  stem: { layers: '1-3', device: 'a' },
  left: { layers: '4', device: 'b' },
  right: { layers: '5', device: 'c' },
  rest: { layers: '6-38', device: 'd' },
};

export const topologies: readonly Topology[] = [
  { title: 'one device, whole model', split: 'squeezenet', on: ['a'], quotas: { a: 0.5 }, frames: 200 },
  { title: 'one device, open loop', split: 'squeezenet', on: ['a'], quotas: { a: 0.5 }, load: 0.7, frames: 200 },
  { title: 'two stages on one device', split: 'squeezenet@layer10', on: ['a', 'a'], quotas: { a: 0.6 }, frames: 200 },
  { title: 'two devices', split: 'squeezenet@layer11', on: ['a', 'b'], quotas: two, frames: 250 },
  { title: 'two devices, open loop', split: 'squeezenet@layer11', on: ['a', 'b'], quotas: two, load: 0.7, frames: 250 },
  { title: 'two devices, window 2', split: 'squeezenet@layer11', on: ['a', 'b'], quotas: two, window: 2, frames: 200 },
  { title: 'two unlike devices', split: 'squeezenet@layer20', on: ['a', 'b'], quotas: { a: 0.8, b: 0.3 }, frames: 250 },
  { title: 'two devices, 20 Mbit/s', split: 'squeezenet@layer11', on: ['a', 'b'], quotas: two, bitsPerS: 20e6, frames: 100 },
  { title: 'two devices, 50 Mbit/s', split: 'squeezenet@layer11', on: ['a', 'b'], quotas: two, bitsPerS: 50e6, frames: 150 },
  { title: 'two devices, 10 ms apart', split: 'squeezenet@layer20', on: ['a', 'b'], quotas: two, far: { a: { delayMs: 10 } }, frames: 200 },
  {
    title: 'two devices, 40 ms apart, window 3',
    split: 'squeezenet@layer20',
    on: ['a', 'b'],
    quotas: two,
    far: { a: { delayMs: 40 }, b: { delayMs: 40 } },
    window: 3,
    frames: 150,
  },
  {
    title: 'two devices, jitter of 20 ms',
    split: 'squeezenet@layer20',
    on: ['a', 'b'],
    quotas: two,
    far: { a: { delayMs: 5, jitterMs: 20 } },
    window: 4,
    frames: 200,
  },
  { title: 'three devices', split: 'squeezenet@layer7,layer16', on: ['a', 'b', 'c'], quotas: three, frames: 250 },
  { title: 'three devices, open loop', split: 'squeezenet@layer7,layer16', on: ['a', 'b', 'c'], quotas: three, load: 0.6, frames: 250 },
  { title: 'three devices, window 1', split: 'squeezenet@layer7,layer16', on: ['a', 'b', 'c'], quotas: three, window: 1, frames: 120 },
  { title: 'four devices', split: 'squeezenet@layer5,layer10,layer20', on: ['a', 'b', 'c', 'd'], quotas: four, frames: 250 },
  { title: 'four devices, branches side by side', split: 'squeezenet', stages: fire, on: [], quotas: four, frames: 200 },
  { title: 'branches, 100 Mbit/s', split: 'squeezenet', stages: fire, on: [], quotas: four, bitsPerS: 100e6, frames: 120 },
  { title: 'ResNet-18, two devices', split: 'resnet@layer12', on: ['a', 'b'], quotas: { a: 0.6, b: 0.6 }, frames: 120 },
  { title: 'ResNet-18, inside a residual block', split: 'resnet@layer5,layer16', on: ['a', 'b', 'c'], quotas: three, frames: 100 },
  { title: 'MobileNetV2, three devices', split: 'mobilenetv2@layer15,layer40', on: ['a', 'b', 'c'], quotas: three, frames: 200 },
  {
    title: 'ShuffleNetV2, two devices, 10 ms',
    split: 'shufflenetv2',
    on: ['a'],
    quotas: { a: 0.3 },
    far: { a: { delayMs: 10 } },
    frames: 200,
  },
  { title: 'bands of rows on three devices', split: 'squeezenet@tiles:1-10x3', on: ['a', 'b', 'c'], quotas: three, frames: 150 },
  { title: 'LeNet, a tenth of a core', split: 'lenet@layer3', on: ['a', 'b'], quotas: { a: 0.1, b: 0.1 }, load: 0.5, frames: 300 },
];
