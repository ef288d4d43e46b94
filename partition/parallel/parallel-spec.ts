/**
 * Layers computed side by side, as a person asks for them:
 *
 *     tiles:1-10x3        layers 1 to 10 in three bands of rows             tiles:1-10x2:1:1    the first with twice the rows of the others
 *     tiles:1-10x2x2      in a grid, two by two                             tiles:1-10x1x3      in three bands of columns
 *     halo:1-10x3         as tiles, exchanging borders after each layer instead of computing them twice
 *     pieces:layer3x3     layer 3 in three pieces by its outputs            inputs:layer9x3     layer 9 by its inputs
 *     inputs:7-8x2        layer 8 by its inputs, and of layer 7 what each piece needs
 *     heads:2-5x3         the heads of an attention that begins at layer 2 and whose last projection is layer 5
 *     mobihoc2022         every layer in three pieces, as published
 *     …x3:auto            any of them (but a grid) in three parts as large as their devices are fast: equal ones run first, and are measured
 */
import { MeshError } from '../../mesh/error.ts';

export type ParallelWish =
  | {
      readonly kind: 'tiles' | 'halo' | 'pieces' | 'inputs' | 'heads';
      /** Layers first to last, both included. */
      readonly first: number;
      readonly last: number;
      /** Of each divided axis one number per part: how much it gets, in any unit. */
      readonly shares: readonly (readonly number[])[];
      /** The shares are only to begin with: they shall follow the speed of the devices. */
      readonly bySpeed?: true;
    }
  | { readonly kind: 'mobihoc2022' };

const PARTS_MAX = 256;
const PARTS = '\\d{1,6}(?::\\d{1,6})*';
const SHARES = `(?<rows>${PARTS})`;
const AUTO = '(?<auto>:auto)?';
const layers = `(?<first>\\d{1,6})-(?<last>\\d{1,6})`;
const image = {
  form: new RegExp(`^${layers}x${SHARES}(?:x(?<columns>${PARTS}))?${AUTO}$`),
  example: '1-10x3, 1-10x2:1:1 for uneven ones, or 1-10x2x2 for a grid',
};
const range = new RegExp(`^(?:layer(?<only>\\d{1,6})|${layers})x${SHARES}${AUTO}$`);
const forms = {
  tiles: image,
  halo: image,
  pieces: { form: new RegExp(`^layer(?<only>\\d{1,6})x${SHARES}${AUTO}$`), example: 'layer3x3, or layer3x2:1:1 for uneven ones' },
  inputs: { form: range, example: 'layer9x3, or 8-9x2:1:1' },
  heads: { form: range, example: '2-5x3, or 2-5x2:1 for uneven ones' },
} as const;

/** Undefined when the text is about something else. Error `usage` when it is about parallel parts and says it wrongly. */
export function parseParallel(text: string): ParallelWish | undefined {
  if (text === 'mobihoc2022') return { kind: text };
  const kind = text.slice(0, Math.max(0, text.indexOf(':'))) as keyof typeof forms;
  if (!Object.hasOwn(forms, kind)) return undefined;
  const { form, example } = forms[kind];
  const { only, first = only, last = only, rows, columns, auto } = form.exec(text.slice(kind.length + 1))?.groups ?? {};
  const shares = [rows, columns].flatMap((each) => (each === undefined ? [] : [sharesOf(each)]));
  const parts = shares.reduce((product, { length }) => product * length, 1);
  // Speeds are numbers of devices: they divide one axis, and replace shares that are given.
  const follows = auto === undefined || (columns === undefined && !rows!.includes(':'));
  if (rows === undefined || parts < 1 || parts > PARTS_MAX || shares.flat().includes(0) || !follows) {
    throw new MeshError('usage', `"${text}" is not how ${kind} are asked for`, {
      hint: `expected for example ${kind}:${example}; x3:auto for parts as large as their devices are fast; at most ${PARTS_MAX} parts`,
    });
  }
  const wish = { kind, first: Number(first), last: Number(last), shares };
  return auto === undefined ? wish : { ...wish, bySpeed: true };
}

/** `3`: three equal ones; `2:1:1`: three, the first with twice as much. */
function sharesOf(text: string): readonly number[] {
  const numbers = text.split(':').map(Number);
  return numbers.length === 1 ? new Array<number>(Math.min(numbers[0]!, PARTS_MAX + 1)).fill(1) : numbers;
}
