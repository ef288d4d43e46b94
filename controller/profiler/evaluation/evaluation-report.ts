/** What an evaluation found, as plain data: `controller profile evaluate --json`, docs/schema/evaluation.schema.json. Text and page are made of the same. */
import type { BaselineName } from './baselines.ts';
import type { Importance } from './fit-predictor.ts';
import type { JudgedKind } from './identity.ts';
import type { Accuracy } from './metrics.ts';
import type { NoiseFloor } from './noise-floor.ts';
import type { Placement } from './placement.ts';
import type { SplitName } from './splits.ts';

export interface EvaluationReport {
  readonly seed: number;
  readonly samples: {
    readonly count: number;
    /** Of models and parts of them; the others only help. */
    readonly judged: number;
    readonly models: number;
    readonly families: number;
    /** Their keys. Points name them by their place here. */
    readonly devices: readonly string[];
    /** Milliseconds since 1970. Null: there are none. */
    readonly firstMs: number | null;
    readonly lastMs: number | null;
  };
  /** How well repeats predict each other; null: nothing was measured twice. */
  readonly noiseFloor: Readonly<Record<JudgedKind, NoiseFloor | null>>;
  readonly splits: readonly SplitReport[];
}

export interface SplitReport {
  readonly name: SplitName;
  readonly leaks: boolean;
  readonly folds: readonly { readonly name: string; readonly train: number; readonly test: number }[];
  /** Mean over the folds, largest first; empty: it does not tell. */
  readonly importance: readonly Importance[];
  readonly results: readonly Result[];
}

export interface Result {
  readonly kind: JudgedKind;
  /** Of the device that is left out, which it learnt from; null: devices are known. */
  readonly timings: number | null;
  readonly accuracy: Accuracy | null;
  /** Of what was measured more than once in one place: each thing once, by the median of its errors. Null: there is none. */
  readonly repeated: Accuracy | null;
  /** Samples it could say nothing of. */
  readonly unpredicted: number;
  readonly coverage: Coverage | null;
  readonly placement: Placement | null;
  readonly baselines: Readonly<Record<BaselineName, { readonly accuracy: Accuracy | null; readonly placement: Placement | null }>>;
  readonly folds: readonly FoldResult[];
  /** Of plots; some by chance when there are very many. */
  readonly points: readonly Point[];
}

/** Of intervals that are said to hold in 90 % of cases. */
export interface Coverage {
  /** Finite ones, and those that are not. */
  readonly finite: number;
  readonly infinite: number;
  /** Part of the finite ones that hold; null: none is finite. */
  readonly inside: number | null;
  /** Upper end ÷ lower end, the median. */
  readonly width: number | null;
}

export interface FoldResult extends Pick<Accuracy, 'count' | 'mape' | 'within10'> {
  readonly name: string;
}

export interface Point {
  readonly measured: number;
  readonly predicted: number;
  /** Place in `samples.devices`. */
  readonly device: number;
  readonly what: string;
}
