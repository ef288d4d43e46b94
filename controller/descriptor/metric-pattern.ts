/**
 * A number in what a program writes: a regular expression, and the group of it that is the number.
 *
 *     'epoch (\d+): loss=(?<value>[0-9.]+)'  on  "epoch 3: loss=0.25"  ──▶  "0.25"
 */
import { MeshError } from '../../mesh/error.ts';

/** What the group matched in a line, undefined when the line does not match. */
export type PatternReader = (line: string) => string | undefined;

/** Error `usage` for what is no JavaScript regular expression, or has neither a group named `value` nor exactly one. */
export function parsePattern(pattern: string): PatternReader {
  const expression = compiled(pattern);
  // Something that matches whatever it is given: all groups are there, none has matched.
  const { length, groups } = new RegExp(`${pattern}|`).exec('')!;
  if (groups !== undefined && Object.hasOwn(groups, 'value')) return (line) => expression.exec(line)?.groups?.value;
  const count = length - 1;
  if (count === 1) return (line) => expression.exec(line)?.[1];
  const found = count === 0 ? 'it has no group' : `it has ${count} groups, and none is named value`;
  throw new MeshError('usage', `${found}: put the number in parentheses, as in loss=([0-9.]+), or name its group: (?<value>[0-9.]+)`);
}

function compiled(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: \/[\s\S]*\/[a-z]*: /, '');
    throw new MeshError('usage', `this is no regular expression: ${why}`, { cause: error });
  }
}
