/**
 * Sizes of models for which no publication gives a number, by formulas that don't know how the model is written.
 */

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Of level 0 to 3 of the U-Net: channels and elements of a plane. */
const unetLevels = [0, 1, 2, 3].map((level) => ({ channels: 32 << level, plane: (256 >> level) ** 2 }));

/** Two 3×3 convolutions a level on the way down and at the bottom; up, 2×2 from twice the channels, and two more that start with twice. */
export function unetMacs(): number {
  const down = unetLevels.map(({ channels: c, plane }, level) => 9 * plane * ((level === 0 ? 3 : c / 2) * c + c * c));
  const bottom = 9 * 16 * 16 * (256 * 512 + 512 * 512);
  const up = unetLevels.map(({ channels: c, plane }) => plane * (2 * c * c + 9 * (2 * c * c + c * c)));
  const mask = 256 * 256 * 32;
  return sum(down) + bottom + sum(up) + mask;
}

/** The size of gpt-tiny. */
const gpt = { blocks: 6, features: 384, tokens: 256, vocabulary: 256 };

/** A block has matrices of 3, 1, 4 and 4 times d² with as many biases, and two normalizations of 2 d; the head is the table of embeddings. */
export function gptParameters(): number {
  const { blocks, features: d, tokens, vocabulary } = gpt;
  return vocabulary * d + tokens * d + blocks * (12 * d * d + 9 * d + 4 * d) + 2 * d;
}

/** Attention multiplies each token with each one, twice; what the mask hides is computed all the same. */
export function gptMacs(): number {
  const { blocks, features: d, tokens, vocabulary } = gpt;
  return blocks * (12 * d * d * tokens + 2 * tokens * tokens * d) + tokens * d * vocabulary;
}

/** Fully connected layers of these widths: parameters with biases, multiply-accumulates. */
function dense(...widths: readonly number[]): readonly [number, number] {
  const products = widths.slice(1).map((width, index) => width * widths[index]!);
  return [sum(products) + sum(widths.slice(1)), sum(products)];
}

/** A convolution with bias that makes `length` elements of each channel. */
function conv1d(from: number, to: number, kernel: number, length: number): readonly [number, number] {
  return [from * to * kernel + to, from * to * kernel * length];
}

/** Normalizations of so many channels each: scale and shift. */
const norms = (...channels: readonly number[]): readonly [number, number] => [2 * sum(channels), 0];

/** Parameters and G multiply-accumulates of the parts together. */
function all(...parts: readonly (readonly [number, number])[]): readonly [number, number] {
  return [sum(parts.map(([parameters]) => parameters)), sum(parts.map(([, macs]) => macs)) / 1e9];
}

/** ResNet-18 in one dimension: a group halves the length and doubles the channels c, so that all four have 64 · 256 elements. */
function resnet1dSize(): readonly [number, number] {
  const stem = [[64 * 7, 64 * 7 * 512] as const, norms(64)];
  const first = [[4 * 3 * 64 * 64, 256 * 4 * 3 * 64 * 64] as const, norms(64, 64, 64, 64)];
  const others = [128, 256, 512].flatMap((c) => {
    // 3 · c/2 · c to begin with, 3 · c · c three times, and c/2 · c on the way around.
    const weights = 11 * c * c;
    return [[weights, (weights * 64 * 256) / c] as const, norms(c, c, c, c, c)];
  });
  return all(...stem, ...first, ...others, dense(512, 10));
}

/** Four gates, two directions, each from the input and from the last state of 64; 25 steps; no biases. */
function lstm(features: number): readonly [number, number] {
  const weights = 4 * 64 * 2 * (features + 64);
  return [weights, 25 * weights];
}

const widths = [1024, 512, 256, 128, 64] as const;
const autoencoder = all(
  dense(1024, ...widths, 64),
  norms(...widths),
  dense(64, ...widths.toReversed(), 1024),
  norms(...widths),
  dense(64, 10),
);

/** Parameters and G multiply-accumulates of the models of vibration. */
export const vibration = {
  mlp1d: all(dense(1024, ...widths, 10), norms(...widths)),
  cnn1d: all(
    conv1d(1, 16, 15, 1010),
    conv1d(16, 32, 3, 1008),
    conv1d(32, 64, 3, 502),
    conv1d(64, 128, 3, 500),
    norms(16, 32, 64, 128),
    dense(512, 256, 64, 10),
  ),
  lenet1d: all(conv1d(1, 6, 5, 1020), conv1d(6, 16, 5, 506), dense(80, 30, 10, 10)),
  alexnet1d: all(
    conv1d(1, 64, 11, 255),
    conv1d(64, 192, 5, 127),
    conv1d(192, 384, 3, 63),
    conv1d(384, 256, 3, 63),
    conv1d(256, 256, 3, 63),
    dense(1536, 1024, 1024, 10),
  ),
  resnet1d: resnet1dSize(),
  bilstm1d: all(conv1d(1, 16, 3, 1024), conv1d(16, 32, 3, 512), norms(16, 32), lstm(32), lstm(128), dense(3200, 256, 10)),
  ae1d: autoencoder,
  sae1d: autoencoder,
};
