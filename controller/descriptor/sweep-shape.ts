/** How an axis of a sweep is written: values one by one, or a range. */
import { z } from 'zod';
import { ELEMENTS_MAX, fits } from './fields.ts';
import { rangeValues } from './range.ts';

/** They stand in tables and in names of runs. */
const VALUE_MAX = 256;
export const SWEEP_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const sweepName = () => z.string().regex(SWEEP_NAME, 'a name of letters, digits and _');

const value = () => z.union([z.string().max(VALUE_MAX), z.number()], { error: 'a text in quotes or a number' });
const bound = () => z.union([z.string().max(VALUE_MAX), z.number()], { error: 'a number, or an amount of memory such as "64MiB"' });

const range = z.strictObject({
  from: bound().describe('The first value: a number, or memory such as "64MiB".'),
  to: bound().describe('Where it ends: the last value is this, or the last before it.'),
  step: bound().optional().describe('From one value to the next, a distance: more than 0.'),
  factor: z
    .number()
    .gt(1)
    .optional()
    .describe('Instead of step: each value is so many times the one before (or that part of it, when to is below from).'),
});

export const axisShape = z
  .union([z.array(value()).min(1).max(ELEMENTS_MAX), fits(range, rangeValues)], {
    error: 'an array of values, or a range such as { from = 1, to = 8, step = 1 }',
  })
  .describe('Values, or a range.');

export type WrittenAxis = z.output<typeof axisShape>;
