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
  /** Default: two more than there are stages one after the other, without an open loop; with one, 'auto'. */
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
  { title: 'one device', split: 'resnet', on: ['a'], quotas: { a: 0.6 }, frames: 150 },
  { title: 'one device, open loop', split: 'resnet', on: ['a'], quotas: { a: 0.6 }, load: 0.7, frames: 150 },
  { title: 'one small device, SqueezeNet', split: 'squeezenet', on: ['a'], quotas: { a: 0.4 }, frames: 150 },
  { title: 'two stages on one device', split: 'resnet@layer12', on: ['a', 'a'], quotas: { a: 0.7 }, frames: 150 },
  { title: 'two devices', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, frames: 150 },
  { title: 'two devices, open loop', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, load: 0.7, frames: 150 },
  { title: 'two devices, automatic window', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, window: 'auto', frames: 150 },
  { title: 'two devices, window 1', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, window: 1, frames: 130 },
  { title: 'two devices, window 8', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, window: 8, frames: 150 },
  { title: 'two unlike devices', split: 'resnet@layer19', on: ['a', 'b'], quotas: { a: 0.8, b: 0.3 }, frames: 150 },
  { title: 'two devices, 30 Mbit/s', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, bitsPerS: 30e6, frames: 130 },
  { title: 'two devices, 100 Mbit/s', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, bitsPerS: 100e6, frames: 150 },
  { title: 'two devices, 10 ms apart', split: 'resnet@layer12', on: ['a', 'b'], quotas: two, far: { a: { delayMs: 10 } }, frames: 150 },
  {
    title: 'two devices, 60 ms apart, window 3',
    split: 'resnet@layer12',
    on: ['a', 'b'],
    quotas: two,
    far: { a: { delayMs: 60 }, b: { delayMs: 60 } },
    window: 3,
    frames: 130,
  },
  {
    title: 'two devices, jitter of 30 ms, window 2',
    split: 'resnet@layer12',
    on: ['a', 'b'],
    quotas: two,
    far: { a: { delayMs: 5, jitterMs: 30 } },
    window: 2,
    frames: 150,
  },
  { title: 'three devices', split: 'resnet@layer7,layer17', on: ['a', 'b', 'c'], quotas: three, frames: 150 },
  { title: 'three devices, open loop', split: 'resnet@layer7,layer17', on: ['a', 'b', 'c'], quotas: three, load: 0.6, frames: 150 },
  {
    title: 'three devices, 15 ms apart',
    split: 'resnet@layer7,layer17',
    on: ['a', 'b', 'c'],
    quotas: three,
    far: { a: { delayMs: 15 }, b: { delayMs: 15 } },
    frames: 150,
  },
  { title: 'inside a residual block', split: 'resnet@layer5,layer16', on: ['a', 'b', 'c'], quotas: three, frames: 150 },
  { title: 'four devices', split: 'resnet@layer5,layer11,layer20', on: ['a', 'b', 'c', 'd'], quotas: four, frames: 150 },
  { title: 'four devices, branches side by side', split: 'squeezenet', stages: fire, on: [], quotas: four, frames: 150 },
  { title: 'branches, 100 Mbit/s', split: 'squeezenet', stages: fire, on: [], quotas: four, bitsPerS: 100e6, frames: 130 },
  { title: 'bands of rows on three devices', split: 'resnet@tiles:1-10x3', on: ['a', 'b', 'c'], quotas: three, frames: 150 },
  { title: 'MobileNetV2, three devices', split: 'mobilenetv2@layer15,layer40', on: ['a', 'b', 'c'], quotas: three, frames: 150 },
  { title: 'GoogLeNet, two devices', split: 'googlenet@layer20', on: ['a', 'b'], quotas: two, frames: 150 },
  { title: 'LeNet, a tenth of a core each', split: 'lenet@layer3', on: ['a', 'b'], quotas: { a: 0.1, b: 0.1 }, load: 0.5, frames: 230 },
];

/** `depth`: stages one after the other. */
export function windowOf({ window, load }: Topology, depth: number): number | 'auto' {
  return window ?? (load === undefined ? depth + 2 : 'auto');
}
