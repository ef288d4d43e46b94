/** A benchmark as a descriptor tells it: checked, with everything in its unit, and nothing left to be guessed. */
import type { BenchLimits, ServerProgram } from '../../mesh/bench/order.ts';
import type { Schedule } from './cron.ts';
import type { Assignment } from './placeholders.ts';
import type { Path } from './problems.ts';
import type { Strategy } from './shape.ts';
import type { SourceLocation } from './source-location.ts';
import type { Axes } from './sweep.ts';

/** What a file says: one descriptor for each combination of its sweep, and what they have in common. */
export interface DescriptorFile {
  /** For messages. */
  readonly name: string;
  readonly taskName: string;
  readonly description: string;
  /** Undefined: it does not run by itself. */
  readonly schedule: Schedule | undefined;
  /** What changes, in the order of the file; empty without a sweep. */
  readonly axes: Axes;
  /** In the order in which they run, the last axis fastest; without a sweep one, of nothing. */
  readonly combinations: readonly Combination[];
  /** Where a key of the file stands, for problems that only the caller can see: `['ml', 'args', 2]`. */
  lineOf(path: Path): number;
}

export interface Combination {
  readonly assignment: Assignment;
  readonly descriptor: Descriptor;
}

export interface Descriptor {
  readonly taskName: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly hardware: Hardware;
  /** Of a program; a model has none. */
  readonly env: Readonly<Record<string, string>>;
  readonly workload: ModelWorkload | ProgramWorkload;
  /** Runs of it. */
  readonly repeat: number;
  /** Undefined: as long as such a run may take without a word. */
  readonly timeoutMs: number | undefined;
  readonly sources: readonly DataSource[];
  readonly metrics: readonly MetricSpec[];
  /** Strategy inference, of a program only. */
  readonly server: ServerProgram | undefined;
  readonly alerts: Alerts;
}

export interface Hardware {
  readonly strategy: Strategy;
  /** `*` and `?` stand for others; undefined: any. */
  readonly name: string | undefined;
  readonly arch: 'x64' | 'arm64' | 'arm' | undefined;
  readonly memoryBytesMin: number | undefined;
  /** mesh: at least so many, undefined: what the plan wants. distributed: so many. Otherwise 1. */
  readonly count: number | undefined;
  readonly limits: BenchLimits;
}

export interface ModelWorkload {
  readonly kind: 'model';
  /** A name of the zoo or a path; with strategy mesh perhaps with cuts, MODEL@CUT. A relative path is so to the descriptor. */
  readonly model: string;
  /** Of `controller bench run`; with strategy mesh of `controller run`. Not looked at yet. Element i stands at `['ml', 'args', i]`. */
  readonly options: readonly string[];
}

export interface ProgramWorkload {
  readonly kind: 'program';
  /** With `args`. */
  readonly argv: readonly string[];
}

export interface DataSource {
  readonly from: SourceLocation;
  /** Relative, below the program's folder. No two are the same, and none is a folder of another. */
  readonly path: string;
  /** Lower case. */
  readonly digest: { readonly algorithm: 'sha256' | 'md5'; readonly hex: string } | undefined;
}

export interface MetricSpec {
  readonly name: string;
  readonly units: string;
  /** For {@link parsePattern}; undefined: the program emits it. */
  readonly pattern: string | undefined;
  readonly better: 'lower' | 'higher';
}

export interface Alerts {
  readonly changePoints: boolean;
  /** Runs of old and new in turns before an alarm is raised. */
  readonly confirm: number;
  readonly command: readonly string[] | undefined;
  readonly webhook: string | undefined;
  readonly rules: readonly AlertRule[];
}

/** At least one of the four bounds is there. */
export interface AlertRule {
  readonly metric: string;
  readonly above: number | undefined;
  readonly below: number | undefined;
  readonly kSigma: number | undefined;
  /** As a part: 0.05 is 5 %. */
  readonly relativeChange: number | undefined;
  /** Of kSigma and relativeChange; undefined: for the worse, as the metric's `better` says. */
  readonly direction: 'up' | 'down' | 'both' | undefined;
}
