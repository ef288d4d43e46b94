/** What is compressed: the tensors that cross cuts of the zoo's models, and bytes that nothing can compress. */
import { Random } from '../../mesh/random.ts';
import type { CutModel, CutPoint } from '../support/activations.ts';

export interface DataSet {
  readonly name: string;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Nothing is lost by storing it as it is; no ratio of speeds is judged by it. */
  readonly incompressible: boolean;
}

const INCOMPRESSIBLE_BYTES = 1 << 20;

export function cutName({ model, layer }: CutPoint): string {
  return `${model} ${layer}`;
}

export async function activationData(point: CutPoint, cut: CutModel): Promise<DataSet> {
  const { dims, data } = await cut.activation(1);
  return { name: cutName(point), dims, bytes: data, incompressible: false };
}

/** Random bits. As floats one of 256 is NaN or infinite, so codecs that can't do those have to leave such a chunk to another. */
export function incompressibleData(): DataSet {
  const random = new Random(1);
  const words = Int32Array.from({ length: INCOMPRESSIBLE_BYTES / 4 }, () => random.bits());
  return { name: 'incompressible', dims: [words.length], bytes: new Uint8Array(words.buffer), incompressible: true };
}
