/**
 * Frames from pictures, prepared the way most image models are trained:
 *
 *     turn as EXIF says ─▶ shorter side to 256/224 of the input's size ─▶ centre crop to the input's size ─▶ numbers
 *
 * Float inputs: RGB, divided by 255, then normalised with ImageNet's mean and deviation per channel; one channel: grey, divided by 255.
 * Integer inputs of 8 bits: 0 to 255 as they are. Both N×C×H×W and N×H×W×C; a size the model leaves open is 224.
 */
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import { formatSpec, type Tensor, type TensorSpec } from '../../mesh/tensor.ts';
import type { FrameInput } from './frame-input.ts';

const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225];
const DEFAULT_SIZE = 224;
const RESIZE_RATIO = 256 / 224;

export interface ImageLayout {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly channelsFirst: boolean;
  readonly dtype: 'float32' | 'uint8';
}

/** Error `invalid` when the model's input can't be a picture. */
export function imageLayout(spec: TensorSpec): ImageLayout {
  const [batch, second, third, fourth] = spec.dims;
  const first = second === 1 || second === 3;
  const last = fourth === 1 || fourth === 3;
  const dtype = spec.dtype;
  if (spec.dims.length !== 4 || (batch !== 1 && batch !== -1) || (!first && !last) || (dtype !== 'float32' && dtype !== 'uint8')) {
    throw new MeshError('invalid', `pictures can't feed the model's input "${spec.name}", which takes ${formatSpec(spec)}`, {
      hint: 'expected float32 or uint8 of shape [1, 3, height, width]; give the frames as an .npy file instead',
    });
  }
  const size = (dim: number | undefined): number => (dim === undefined || dim < 0 ? DEFAULT_SIZE : dim);
  if (first) return { channels: second, height: size(third), width: size(fourth), channelsFirst: true, dtype };
  return { channels: fourth as 1 | 3, height: size(second), width: size(third), channelsFirst: false, dtype };
}

/** `paths` in the order of the frames. Fewer pictures than frames: they repeat. */
export function imageInput(spec: TensorSpec, paths: readonly string[], title: string): FrameInput {
  const layout = imageLayout(spec);
  return {
    count: paths.length,
    title,
    check: (frames) => checkImages(paths.slice(0, frames), layout),
    frame: async (id: FrameId) => new Map([[spec.name, await readImage(paths[Number(id % BigInt(paths.length))]!, layout)]]),
    close: async () => {},
  };
}

/** The first one whole, of the others the header: that finds what is no picture at all, and a folder of thousands takes a second. */
async function checkImages(paths: readonly string[], layout: ImageLayout): Promise<void> {
  const [first, ...others] = paths;
  if (first !== undefined) await readImage(first, layout);
  const { default: sharp } = await import('sharp');
  for (const path of others) await asPicture(path, () => sharp(path).metadata());
}

/** Error `invalid` naming the file, for whatever goes wrong while it is read. */
async function asPicture<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new MeshError('invalid', `--input: ${path} can't be read as a picture: ${(error as Error).message.split('\n')[0]}`, {
      hint: 'expected PNG or JPEG',
      cause: error,
    });
  }
}

async function readImage(path: string, layout: ImageLayout): Promise<Tensor> {
  return toTensor(await readPixels(path, layout), layout);
}

/** Interleaved bytes, `height × width × channels`. */
async function readPixels(path: string, { channels, height, width }: ImageLayout): Promise<Uint8Array> {
  // Loaded only when there are pictures: it is a large native library.
  const { default: sharp } = await import('sharp');
  const tall = Math.round(height * RESIZE_RATIO);
  const wide = Math.round(width * RESIZE_RATIO);
  const crop = { left: Math.round((wide - width) / 2), top: Math.round((tall - height) / 2), width, height };
  return await asPicture(path, () => {
    const picture = sharp(path)
      .autoOrient()
      .flatten({ background: '#000' })
      .resize(wide, tall, { fit: 'cover', kernel: 'linear' })
      .extract(crop);
    return (channels === 1 ? picture.greyscale() : picture.toColourspace('srgb')).raw().toBuffer();
  });
}

/** Pure: interleaved bytes → the numbers the model takes. */
export function toTensor(pixels: Uint8Array, { channels, height, width, channelsFirst, dtype }: ImageLayout): Tensor {
  const area = height * width;
  const dims = channelsFirst ? [1, channels, height, width] : [1, height, width, channels];
  const values = dtype === 'float32' ? new Float32Array(area * channels) : new Uint8Array(area * channels);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const at = pixel * channels + channel;
      values[channelsFirst ? channel * area + pixel : at] = dtype === 'float32' ? normalised(pixels[at]!, channel, channels) : pixels[at]!;
    }
  }
  return { dtype, dims, data: new Uint8Array(values.buffer) };
}

function normalised(value: number, channel: number, channels: number): number {
  const share = value / 255;
  return channels === 1 ? share : (share - IMAGENET_MEAN[channel]!) / IMAGENET_DEVIATION[channel]!;
}
