/**
 * What was foretold of a run's stages, next to what they took, and what the profiler makes of it while it goes on.
 *
 *     frames of a stage on a device ──▶ windows of 16, a median each ──▶ told before ┆ measured ┆ learned ──▶ the next is told better
 */

import type { StageMeasurement } from '../../mesh/measurement.ts';
import { median } from '../../mesh/ranked.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { Plan } from '../../partition/plan.ts';
import type { Query } from '../profiler/basis.ts';
import type { Interval } from '../profiler/prediction.ts';
import type { Predictor } from '../profiler/predictor.ts';

/** Of one stage on one device, in milliseconds per frame. */
export interface StageForecastReport {
  readonly stage: string;
  readonly device: string;
  readonly layers: string;
  /** Before the run. */
  readonly toldMs: number;
  /** Where it lies in 90 % of cases; null: nobody knows. */
  readonly interval: Interval | null;
  /** Medians of the first and the last windows. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** What the first windows would have taken if the processor had been as fast as usual, as far as that is known; null: nobody looked how fast it was. */
  readonly firstUsualMs: number | null;
  /** What is told now that all of it was learned. */
  readonly learnedMs: number;
  /** How often the device changed for good meanwhile. */
  readonly changes: number;
}

export interface ForecastTools {
  readonly predictor: Predictor;
  /** Of layers as a plan names them, on a device; undefined: none of the runtime's kernels is theirs, or nobody knows the device. */
  readonly query: (layers: string, device: string) => Query | undefined;
}

const WINDOW_FRAMES = 16;
/** Of each stage on each device; then neighbours become one. */
const WINDOWS_MAX = 512;
/** At the beginning and at the end. */
const ENDS = 3;

interface Measured {
  readonly ms: number;
  /** Of the speed probe; absent: there is none. */
  readonly probeMs?: number;
}

interface Window extends Measured {
  readonly order: number;
}

export class StageForecast {
  readonly #tools: ForecastTools;
  readonly #first: Plan;
  readonly #open = new Map<string, Measured[]>();

  readonly #windows = new Map<string, Window[]>();
  #order = 0;

  constructor(first: Plan, tools: ForecastTools) {
    this.#first = first;
    this.#tools = tools;
  }

  add(rows: readonly StageMeasurement[]): void {
    for (const { stage, device, computeUs, probeUs } of rows) {
      const key = keyOf(stage, device);
      const open = this.#open.get(key) ?? [];
      this.#open.set(key, open);
      const probeMs = probeUs === undefined ? undefined : probeUs / 1000;
      open.push({ ms: computeUs / 1000, ...optional('probeMs', probeMs) });
      if (open.length === WINDOW_FRAMES) this.#close(key, open);
    }
  }

  /** Teaches the profiler what was measured, in its order. `last`: the plan that the run ended with. */
  report(last: Plan): readonly StageForecastReport[] {
    const stages = new Map([...this.#first.stages, ...last.stages].map((stage) => [keyOf(stage.id, stage.device), stage]));
    for (const [key, open] of this.#open) if (open.length > 0 && !this.#windows.has(key)) this.#close(key, open);
    const told = [...stages].flatMap(([key, { id, device, layers }]) => {
      const windows = this.#windows.get(key);
      const query = this.#tools.query(layers, device);
      const prediction = query === undefined ? undefined : this.#tools.predictor.predict(query);
      return windows === undefined || query === undefined || prediction === undefined
        ? []
        : [{ id, device, layers, windows, query, prediction, changes: 0 }];
    });
    const inOrder = told
      .flatMap((stage) => stage.windows.map((window) => ({ stage, window })))
      .sort((a, b) => a.window.order - b.window.order);
    for (const { stage, window } of inOrder)
      if (this.#tools.predictor.learn(asFastAs(stage.query, window.probeMs), window.ms)) stage.changes += 1;
    return told.map(({ id, device, layers, windows, query, prediction, changes }) => {
      const [first, last] = [medians(windows.slice(0, ENDS)), medians(windows.slice(-ENDS))];
      return {
        ...{ stage: id, device, layers, toldMs: prediction.ms, changes },
        interval: Number.isFinite(prediction.interval.high) ? prediction.interval : null,
        firstMs: first.ms,
        firstUsualMs: this.#usualMs(query, windows.slice(0, ENDS)),
        lastMs: last.ms,
        learnedMs: this.#predicted(asFastAs(query, last.probeMs)),
      };
    });
  }

  /** Each window by its own speed: it changes within seconds. */
  #usualMs(query: Query, windows: readonly Window[]): number | null {
    const usual = windows.flatMap(({ ms, probeMs }) =>
      probeMs === undefined ? [] : [(ms * this.#predicted(query)) / this.#predicted(asFastAs(query, probeMs))],
    );
    return usual.length === 0 ? null : median(usual);
  }

  /** Milliseconds of what can be foretold. */
  #predicted(query: Query): number {
    return this.#tools.predictor.predict(query)!.ms;
  }

  #close(key: string, open: Measured[]): void {
    const windows = this.#windows.get(key) ?? [];
    windows.push({ order: this.#order, ...medians(open) });
    this.#order += 1;
    open.length = 0;
    this.#windows.set(key, windows.length <= WINDOWS_MAX ? windows : halved(windows));
  }
}

/** The query when the speed probe takes so long. */
function asFastAs(query: Query, probeMs: number | undefined): Query {
  return probeMs === undefined ? query : { ...query, state: { ...query.state, probeMs } };
}

function medians(measured: readonly Measured[]): Measured {
  const probes = measured.flatMap(({ probeMs }) => (probeMs === undefined ? [] : [probeMs]));
  return { ms: median(measured.map(({ ms }) => ms)), ...optional('probeMs', probes.length === 0 ? undefined : median(probes)) };
}

function halved(windows: readonly Window[]): Window[] {
  return windows.flatMap((window, index) => {
    const next = windows[index + 1];
    return index % 2 === 1
      ? []
      : [next === undefined ? window : { order: next.order, ms: mean(window.ms, next.ms), ...meanProbe(window, next) }];
  });
}

function meanProbe(a: Measured, b: Measured): Pick<Measured, 'probeMs'> {
  return a.probeMs === undefined || b.probeMs === undefined ? {} : { probeMs: mean(a.probeMs, b.probeMs) };
}

function mean(a: number, b: number): number {
  return (a + b) / 2;
}

function keyOf(stage: string, device: string): string {
  return `${stage} ${device}`;
}
