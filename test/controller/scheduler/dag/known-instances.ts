/**
 * Scheduling instances with known results: our own beside the tests, and those of others, which have no licence to be copied, in a folder beside
 * the repository where there is one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';

export interface ExpectedMakespan {
  readonly makespan: number;
  /** Also right, where ties may be broken otherwise. */
  readonly accepted: readonly number[];
}

export interface Known {
  readonly id: string;
  readonly problem: Problem;
  readonly expected: {
    readonly heft?: ExpectedMakespan;
    readonly cpop?: ExpectedMakespan;
    readonly peft?: ExpectedMakespan;
    readonly lookaheadHeft?: ExpectedMakespan;
    readonly lowerBounds?: { readonly criticalPath: number; readonly area: number };
    readonly optimum?: { readonly makespan: number };
    readonly bestKnown?: { readonly makespan: number };
    readonly intermediate?: Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;
  };
}

const own = fileURLToPath(new URL('../../../fixtures/instances/', import.meta.url));
const others = fileURLToPath(new URL('../../../../../shared/instances/', import.meta.url));

/** Why some are missing; undefined when all are there. */
export const missing = existsSync(join(others, 'index.json')) ? undefined : `${others} is not there: only our own instances are tried`;

export const knownInstances: readonly Known[] = [
  ...readdirSync(own).map((name) => read(own, name)),
  ...(missing === undefined ? readdirSync(others) : [])
    .filter((name) => /^(topcuoglu|arabnejad|mack|d\d|y\d).*\.json$/.test(name))
    .map((name) => read(others, name)),
];

function read(folder: string, name: string): Known {
  const text = readFileSync(join(folder, name), 'utf8');
  const { id, expected = {} } = JSON.parse(text) as { readonly id: string; readonly expected?: Known['expected'] };
  return { id, problem: problemOf(parseInstance(text, name)), expected };
}
