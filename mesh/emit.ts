/**
 * A metric as a program under benchmark says it: one line of JSON on its standard output.
 *
 *     {"metric": "loss", "value": 0.25, "unit": "1", "labels": {"epoch": "3"}}
 *
 * Lines that are not JSON objects with a "metric" are the program's own words and left alone; one that is, but not as it should be, is refused with
 * what is wrong, so that no number is lost silently.
 */

export interface Metric {
  /** Letters, digits, `_ . - /`, at most 128. */
  readonly name: string;
  /** Finite. */
  readonly value: number;
  /** "ms", "1/s", "MiB"; empty: none was given. */
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
}

export type Emitted =
  | { readonly kind: 'metric'; readonly metric: Metric }
  /** `why`: for a person. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'words' };

/** Longer lines are words: a metric is a name and a number. */
const LINE_MAX = 4096;
/** Of a metric and of a label. */
export const METRIC_NAME = /^[A-Za-z0-9_.\-/]{1,128}$/;
export const METRIC_UNIT_MAX = 32;
/** Of a label's value, in characters. */
export const LABEL_MAX = 128;
const LABELS_MAX = 16;

/** One line without its end. */
export function parseEmitted(line: string): Emitted {
  if (line.length > LINE_MAX || !/^\s*\{/.test(line)) return { kind: 'words' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    // JSON knows no NaN: a program that prints one means a number that is none.
    return /^\s*\{\s*"metric"\s*:/.test(line) ? { kind: 'refused', why: 'it is no JSON' } : { kind: 'words' };
  }
  const { metric: name, value, unit = '', labels = {}, ...more } = parsed as Record<string, unknown>;
  if (name === undefined) return { kind: 'words' };
  const refused = (why: string): Emitted => ({ kind: 'refused', why });
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) return refused(`"metric" is no name of letters, digits, _ . - / (at most 128)`);
  if (typeof value !== 'number' || !Number.isFinite(value)) return refused(`"value" of ${name} is no finite number`);
  if (typeof unit !== 'string' || unit.length > METRIC_UNIT_MAX)
    return refused(`"unit" of ${name} is no text of at most ${METRIC_UNIT_MAX} characters`);
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) return refused(`${name} has "${unknown}", which is none of metric, value, unit, labels`);
  if (!isLabels(labels)) return refused(`"labels" of ${name} are no object of at most ${LABELS_MAX} texts`);
  return { kind: 'metric', metric: { name, value, unit, labels } };
}

function isLabels(labels: unknown): labels is Metric['labels'] {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return false;
  const entries = Object.entries(labels);
  return (
    entries.length <= LABELS_MAX &&
    entries.every(([key, value]) => METRIC_NAME.test(key) && typeof value === 'string' && value.length <= LABEL_MAX)
  );
}
