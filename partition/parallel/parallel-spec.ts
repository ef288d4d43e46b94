/**
 * Layers computed side by side, as a person asks for them:
 *
 *     tiles:1-10x3          layers 1 to 10 in three tiles            tiles:1-10x2:1:1     the first with twice the rows of the others
 *     pieces:layer3x3       layer 3 in three pieces                  pieces:layer3x2:1    the first with twice the channels of the other
 */
import { MeshError } from '../../mesh/error.ts';

export interface ParallelWish {
  readonly kind: 'tile' | 'piece';
  /** Layers first to last, both included; a piece has one. */
  readonly first: number;
  readonly last: number;
  /** One per part: how much of the rows or channels it gets, in any unit. */
  readonly shares: readonly number[];
}

const PARTS_MAX = 256;
const SHARES = '(\\d{1,6}(?::\\d{1,6})*)';
const forms = {
  'tiles:': {
    kind: 'tile',
    form: new RegExp(`^(\\d{1,6})-(\\d{1,6})x${SHARES}$`),
    example: 'tiles:1-10x3, or tiles:1-10x2:1:1 for uneven ones',
  },
  'pieces:': {
    kind: 'piece',
    form: new RegExp(`^layer(\\d{1,6})()x${SHARES}$`),
    example: 'pieces:layer3x3, or pieces:layer3x2:1:1 for uneven ones',
  },
} as const;

/** Undefined when the text is about something else. Error `usage` when it is about tiles or pieces and says it wrongly. */
export function parseParallel(text: string): ParallelWish | undefined {
  const found = Object.entries(forms).find(([prefix]) => text.startsWith(prefix));
  if (found === undefined) return undefined;
  const [prefix, { kind, form, example }] = found;
  const [, first, last, how] = form.exec(text.slice(prefix.length)) ?? [];
  const numbers = how?.split(':').map(Number) ?? [];
  const shares = numbers.length === 1 ? new Array<number>(Math.min(numbers[0]!, PARTS_MAX + 1)).fill(1) : numbers;
  if (shares.length < 1 || shares.length > PARTS_MAX || shares.includes(0)) {
    throw new MeshError('usage', `"${text}" is not how ${prefix.slice(0, -1)} are asked for`, {
      hint: `expected for example ${example}; at most ${PARTS_MAX} of them`,
    });
  }
  return { kind, first: Number(first), last: Number(last === '' ? first : last), shares };
}
