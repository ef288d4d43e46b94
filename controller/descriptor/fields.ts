/** What values of a descriptor are made of: texts, sizes, addresses. Messages are those of the functions that read the same on a command line. */
import { z } from 'zod';
import { parseBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';

/** Longer ones are files, not words of a descriptor. */
export const TEXT_MAX = 4096;
/** Of lists that people write. */
export const ELEMENTS_MAX = 1000;

/** What is expected of more kinds of values than one: of a fraction, and of a text. */
export const WHOLE_NUMBER = 'a whole number';

/** Programs can't be told a NUL. */
const withoutNul = (value: string): void => {
  if (value.includes('\0')) throw new MeshError('usage', 'expected a text without NUL characters');
};

export const text = () => z.string().min(1).max(TEXT_MAX);
/** A word for a program: it may be empty. */
export const word = () => fits(z.string().max(TEXT_MAX), withoutNul);
export const number = () => z.number();
export const positive = () => z.number().gt(0);
export const whole = (min: number, max: number) => z.int({ error: WHOLE_NUMBER }).min(min).max(max);

/** A program and its arguments. No shell sees them. */
export const command = () => z.array(word()).min(1).max(ELEMENTS_MAX);

/** `parse` throws a MeshError for what it does not take; its message is the problem. */
export function fits<T extends z.ZodType>(schema: T, parse: (value: z.output<T>) => unknown): T {
  return schema.superRefine((value, context) => {
    try {
      parse(value);
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  }) as T;
}

/** Memory: a text such as "256MiB", or bytes. `min` 0: none at all is an amount, too. */
export function size(min: 0 | 1 = 1) {
  const amount = fits(text(), (value) => (min === 0 && value === '0' ? 0 : parseBytes(value)));
  return z.union([amount, whole(min, Number.MAX_SAFE_INTEGER)], {
    error: 'an amount of memory such as "256MiB", or a whole number of bytes',
  });
}

/** Bytes of a {@link size} that was found good. */
export function bytesOf(value: string | number): number {
  return value === '0' ? 0 : typeof value === 'number' ? value : parseBytes(value);
}

/** Error `usage` when it is no address of the web. */
export function checkHttpUrl(value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new MeshError('usage', `"${value.slice(0, 80)}" is no address: expected for example http://127.0.0.1:8080/health`);
}

/** The part of 1 that a percentage is. Error `usage`. */
export function parsePercent(value: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)\s*%$/.exec(value) ?? [];
  const part = Number(digits) / 100;
  if (!(part > 0)) throw new MeshError('usage', `"${value.slice(0, 80)}" is no percentage: expected for example "5%"`);
  return part;
}
