/**
 * A metric as Prometheus knows it: a name, what it says, and a value for each set of labels. One that the machine does not tell has no samples.
 */
export interface Family {
  readonly name: string;
  readonly help: string;
  /** A counter never goes down while the machine is up. */
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** All samples of a family have the same names. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A gauge of one value; without one when it is not known. */
export function gauge(name: string, help: string, value: number | undefined, labels: Sample['labels'] = {}): Family {
  return { name, help, type: 'gauge', samples: value === undefined ? [] : [{ labels, value }] };
}
