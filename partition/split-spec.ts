/** `--split MODEL@CUT,CUT`: where the model's name ends and the cuts begin. Both may contain an @ or a slash: paths, node names. */
import { MeshError } from '../mesh/error.ts';

export interface SplitSpec {
  readonly model: string;
  readonly cuts: readonly string[];
}

/**
 * The shortest part before an @ that `exists` (a zoo name or a file), the first @ when none does, the whole text when it exists itself.
 */
export function parseSplit(text: string, exists: (model: string) => boolean): SplitSpec {
  if (exists(text)) return { model: text, cuts: [] };
  const ends = [...text].flatMap((character, index) => (character === '@' && index > 0 ? [index] : []));
  const end = ends.find((index) => exists(text.slice(0, index))) ?? ends[0];
  if (end === undefined) return { model: text, cuts: [] };
  const cuts = text
    .slice(end + 1)
    .split(',')
    .map((cut) => cut.trim());
  if (cuts.includes(''))
    throw new MeshError('usage', `--split: a cut is missing in "${text}"`, { hint: 'for example resnet@layer4,layer12' });
  return { model: text.slice(0, end), cuts };
}
