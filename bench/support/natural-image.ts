/**
 * Pictures with the statistics of photographs, from a seed: what a trained or untrained network makes of white noise says nothing about
 * what it makes of a camera's frames.
 *
 *     leaves      discs, ellipses and rectangles of random colour that hide each other, radii distributed as r⁻³: edges, occlusion and a
 *                 power spectrum near 1/f² (Lee, Mumford, Huang, "Occlusion Models for Natural Images", IJCV 2001)
 *     texture     on each leaf, noise whose amplitude halves with each octave: 1/f (Field, JOSA A 1987), fine or coarse, weak or strong
 *     light       one slow gradient over everything
 *     sensor      a little white noise, then clipped to what 8 bits hold
 *
 * The colours share most of their variance between the channels, as photographs do.
 */
import { Random } from '../../mesh/random.ts';

/** What the models of torchvision expect: mean and standard deviation of ImageNet's channels. */
const CHANNEL_MEAN = [0.485, 0.456, 0.406] as const;
const CHANNEL_STD = [0.229, 0.224, 0.225] as const;

const LEAVES = 400;
const RADIUS_MIN = 0.02;
const RADIUS_MAX = 0.45;
const SENSOR_NOISE = 0.006;

/** Planes of red, green and blue, each `size` × `size`, multiples of 1/255 from 0 to 1. */
export function naturalImage(seed: number, size: number): Float32Array<ArrayBuffer> {
  const random = new Random(seed);
  const planes = new Float32Array(3 * size * size);
  const texture = octaves(random, size);
  paint(planes, size, { ...drawLeaf(random), x: 0.5, y: 0.5, width: 2, height: 2, shape: 'rectangle' }, texture);
  // From large to small would hide nothing; in random order large leaves hide small ones, as things do that are near.
  for (let leaf = 0; leaf < LEAVES; leaf += 1) paint(planes, size, drawLeaf(random), texture);
  light(planes, size, random);
  for (let at = 0; at < planes.length; at += 1) {
    const value = planes[at]! + SENSOR_NOISE * normal(random);
    planes[at] = Math.round(255 * Math.min(1, Math.max(0, value))) / 255;
  }
  return planes;
}

/** The image as an input of a model: N × C × H × W with N = 1, normalised per channel. */
export function modelInput(seed: number, size: number): Float32Array<ArrayBuffer> {
  const planes = naturalImage(seed, size);
  const pixels = size * size;
  return planes.map((value, at) => {
    const channel = Math.floor(at / pixels);
    return (value - CHANNEL_MEAN[channel]!) / CHANNEL_STD[channel]!;
  });
}

interface Leaf {
  /** Centre and half axes, in widths of the image. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly shape: 'ellipse' | 'rectangle';
  readonly cos: number;
  readonly sin: number;
  readonly colour: readonly [number, number, number];
  /** Amplitude of its texture, and where in the common texture it begins. */
  readonly contrast: number;
  readonly right: number;
  readonly down: number;
}

function drawLeaf(random: Random): Leaf {
  // Inverse of the distribution function of a density proportional to r⁻³ between the limits.
  const low = RADIUS_MIN ** -2;
  const radius = (low - random.next() * (low - RADIUS_MAX ** -2)) ** -0.5;
  const angle = random.next() * Math.PI;
  const brightness = 0.05 + 0.9 * random.next();
  const tint = (): number => Math.min(1, Math.max(0, brightness + 0.07 * normal(random)));
  return {
    x: random.next(),
    y: random.next(),
    width: radius,
    height: radius * (0.3 + 0.7 * random.next()),
    shape: random.next() < 0.6 ? 'ellipse' : 'rectangle',
    cos: Math.cos(angle),
    sin: Math.sin(angle),
    colour: [tint(), tint(), tint()],
    contrast: 0.16 * random.next() ** 2,
    right: random.bits() >>> 1,
    down: random.bits() >>> 1,
  };
}

function paint(planes: Float32Array, size: number, leaf: Leaf, texture: Float32Array): void {
  const pixels = size * size;
  const reach = Math.hypot(leaf.width, leaf.height);
  const from = (centre: number): number => Math.max(0, Math.floor((centre - reach) * size));
  const to = (centre: number): number => Math.min(size, Math.ceil((centre + reach) * size));
  for (let row = from(leaf.y); row < to(leaf.y); row += 1) {
    for (let column = from(leaf.x); column < to(leaf.x); column += 1) {
      const dx = (column + 0.5) / size - leaf.x;
      const dy = (row + 0.5) / size - leaf.y;
      const u = (dx * leaf.cos + dy * leaf.sin) / leaf.width;
      const v = (dy * leaf.cos - dx * leaf.sin) / leaf.height;
      const inside = leaf.shape === 'ellipse' ? u * u + v * v <= 1 : Math.max(Math.abs(u), Math.abs(v)) <= 1;
      if (!inside) continue;
      const at = row * size + column;
      const grain = leaf.contrast * texture[((row + leaf.down) % size) * size + ((column + leaf.right) % size)]!;
      for (let channel = 0; channel < 3; channel += 1) planes[channel * pixels + at] = leaf.colour[channel]! + grain;
    }
  }
}

/** Sum of noise on lattices of 4, 8, 16, … cells, each at half the amplitude of the one before; goes on beyond its edges. */
function octaves(random: Random, size: number): Float32Array {
  const sum = new Float32Array(size * size);
  for (let cells = 4, amplitude = 2; cells <= size; cells *= 2, amplitude /= 2) {
    const lattice = Float32Array.from({ length: cells * cells }, () => amplitude * normal(random));
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        sum[row * size + column]! += between(lattice, cells, (column / size) * cells, (row / size) * cells);
      }
    }
  }
  return sum;
}

/** The lattice at a place between its points, bilinear. */
function between(lattice: Float32Array, cells: number, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const corner = (down: number, right: number): number => lattice[((row + down) % cells) * cells + ((column + right) % cells)]!;
  const right = x - column;
  const top = corner(0, 0) * (1 - right) + corner(0, 1) * right;
  const bottom = corner(1, 0) * (1 - right) + corner(1, 1) * right;
  return top + (bottom - top) * (y - row);
}

function light(planes: Float32Array, size: number, random: Random): void {
  const slopeX = 0.5 * (random.next() - 0.5);
  const slopeY = 0.5 * (random.next() - 0.5);
  for (let at = 0; at < planes.length; at += 1) {
    const column = at % size;
    const row = Math.floor(at / size) % size;
    planes[at]! *= 1 + slopeX * (column / size - 0.5) + slopeY * (row / size - 0.5);
  }
}

/** Nearly normal (Irwin–Hall, n = 4): mean 0, variance 1, and no logarithm that another C library would round otherwise. */
function normal(random: Random): number {
  return (random.next() + random.next() + random.next() + random.next() - 2) * Math.sqrt(3);
}
