/**
 * Is this a cron line? Five fields, each a list of values, ranges and steps:
 *
 *     ┌ minute 0-59   ┌ day of month 1-31   ┌ weekday 0-7, sun-sat (0 and 7 are Sunday)
 *     0,30   3-5   *   jan-jun/2   mon-fri
 *            └ hour 0-23  └ month 1-12, jan-dec
 *
 * Only what every cron knows: the signs of some (L, W, #, ?, seconds, years) would mean something else, or nothing, in the next one. Each mistake is
 * said of the field it is in, which the library behind cron.ts does not.
 */

interface Field {
  readonly what: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
  /** The value of the first name. */
  readonly first: number;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
  { what: 'minute', min: 0, max: 59, names: [], first: 0 },
  { what: 'hour', min: 0, max: 23, names: [], first: 0 },
  { what: 'day of month', min: 1, max: 31, names: [], first: 0 },
  { what: 'month', min: 1, max: 12, names: months, first: 1 },
  { what: 'weekday', min: 0, max: 7, names: weekdays, first: 0 },
];

/** What is wrong with it, for a person; undefined: nothing. `words`: the fields, in lower case. */
export function cronProblem(words: readonly string[]): string | undefined {
  if (words.length !== fields.length)
    return `it has ${words.length} ${words.length === 1 ? 'field' : 'fields'}: expected five, minute hour day-of-month month weekday, for example "0 3 * * mon-fri"`;
  for (const [index, field] of fields.entries()) {
    for (const item of words[index]!.split(',')) {
      const why = itemProblem(item, field);
      if (why !== undefined) return `${field.what} "${words[index]!.slice(0, 40)}": ${why}`;
    }
  }
  return undefined;
}

function itemProblem(item: string, field: Field): string | undefined {
  const [, range, step] = /^([^/]*)(?:\/([^/]*))?$/.exec(item) ?? [];
  if (range === undefined || range === '') return item === '' ? 'a value is missing' : `"${item.slice(0, 20)}" is no value, range or step`;
  if (step !== undefined) {
    if (!/^[1-9]\d{0,2}$/.test(step) || Number(step) > field.max)
      return `a step is a whole number from 1 to ${field.max}, as in */${field.max > 12 ? 15 : 2}`;
    if (range !== '*' && !range.includes('-')) return `a step wants a range before it: ${range.slice(0, 20)}-${field.max}/${step}`;
  }
  if (range === '*') return undefined;
  const [from, to, ...more] = range.split('-');
  if (more.length > 0) return `"${range.slice(0, 20)}" is no range`;
  const low = numberOf(from!, field);
  if (low === undefined) return valueProblem(from!, field);
  if (to === undefined) return undefined;
  // A week ends with Sunday, too: fri-sun.
  const high = field.names === weekdays && to === 'sun' ? 7 : numberOf(to, field);
  if (high === undefined) return valueProblem(to, field);
  return low > high ? `${from}-${to} goes backwards: write it as a list` : undefined;
}

function numberOf(word: string, { min, max, names, first }: Field): number | undefined {
  const named = names.indexOf(word);
  if (named >= 0) return named + first;
  const value = /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function valueProblem(word: string, { min, max, names }: Field): string {
  const orNames = names.length === 0 ? '' : `, or ${names[0]} to ${names.at(-1)}`;
  return `"${word.slice(0, 20)}" is not ${min} to ${max}${orNames}`;
}
