/**
 * `--codec auto`: chooses the codecs of a run's routes from what is measured, and chooses again when that moves.
 *
 *     measured ──▶ observations ──▶ problem ──▶ choice ──▶ cycles ──▶ producers
 *                                                 ▲
 *     shadow frames ──▶ judge ── breach ──▶ budget without the codec
 *
 * A cycle is the chosen codec, now and then one of the others, so that its numbers stay fresh, and with a budget one frame without loss. Others are
 * tried only where the link is what frames wait for: elsewhere a codec costs CPU for nothing.
 */
import { NO_CODEC } from '../../mesh/codec.ts';
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Plan, Route } from '../../partition/plan.ts';
import type { CodecChange, CodecSteering } from '../run/steering.ts';
import type { MeasuredRows } from '../store/records.ts';
import { type CodecProblem, costsOf, measure } from './choose-codecs.ts';
import type { CodecBudget } from './codec-budget.ts';
import { optionsReport } from './codec-options.ts';
import { type BreachReport, type CodecChangeReport, type CodecsReport, tallyReport } from './codec-report.ts';
import { routeKey, type Variant } from './codec-variants.ts';
import { type ErrorBudget, formatErrorBudget, noErrors, type OutputError, tallied } from './error-budget.ts';
import type { Observations } from './observations.ts';
import type { ShadowFrames } from './shadow-frames.ts';
import type { ShadowJudge } from './shadow-judge.ts';
import { chosenNames, type KnownProblem, type Machines, problemOf, type SteeredRoute, steeredRoutes } from './steered-routes.ts';

/** One frame in so many tries another codec. */
const TRY_EVERY = 64;
/** Others are tried where the link takes so much of the period when nothing is encoded. */
const LINK_SHARE_MIN = 0.5;
/** When latency counts: where it takes longer than this, microseconds. */
const LINK_US_MIN = 500;
/** A change must promise this much; below it noise would decide. */
const GAIN_MIN = 1.05;
/** Or so much less CPU for codecs, at no loss. */
const CODING_KEPT_MAX = 0.8;

export interface AutomaticOptions {
  readonly plan: Plan;
  readonly objective: CodecProblem['objective'];
  readonly machines: Machines;
  /** Names of codecs without loss, `none` among them. */
  readonly lossless: readonly string[];
  /** Names of others. */
  readonly lossy: readonly string[];
  /** The one to be used wherever it is allowed, because it was asked for by name; undefined: the best is chosen. */
  readonly named: string | undefined;
  /** With what calibration saw; empty without one. */
  readonly observations: Observations;
  readonly guard: Guard | undefined;
}

/** What keeps lossy codecs within the budget. */
export interface Guard {
  readonly budget: ErrorBudget;
  readonly codecs: CodecBudget;
  readonly judge: ShadowJudge;
  /** Undefined: nothing lossy will be used, so nothing is compared. */
  readonly shadows: ShadowFrames | undefined;
}

export class AutomaticCodecs implements CodecSteering {
  readonly #options: AutomaticOptions;
  readonly #routes: readonly SteeredRoute[];
  /** By route key. */
  readonly #codec = new Map<string, string>();
  readonly #cycle = new Map<string, CodecCycle>();
  readonly #changes: CodecChangeReport[] = [];
  readonly #breaches: BreachReport[] = [];
  #compared = noErrors;
  #lastGood = 0;
  #lastFrame: FrameId = 0n;
  /** What was better at the last look; a change is made when it still is at the next. */
  #proposed: string | undefined;
  #apply: ((changes: readonly CodecChange[]) => void) | undefined;

  constructor(options: AutomaticOptions) {
    this.#options = options;
    this.#routes = steeredRoutes(options.plan);
    const problem = this.#problem();
    const names = this.#best(problem);
    for (const [index, route] of this.#routes.entries()) {
      this.#codec.set(routeKey(route), names[index]!);
      this.#cycle.set(routeKey(route), this.#cycleFor(route, problem === undefined ? undefined : { problem, index }));
    }
  }

  cycleOf(route: Pick<Route, 'from' | 'to'>): CodecCycle {
    return this.#cycle.get(routeKey(route))!;
  }

  /** Routes whose codec loses something, with the codec. */
  get lossyRoutes(): Variant {
    return new Map([...this.#codec].filter(([, codec]) => this.#options.lossy.includes(codec)));
  }

  /** Whether anything lossy may be used, now or later. */
  get mayLose(): boolean {
    const { guard, lossy } = this.#options;
    return this.#routes.some((route) => route.chosen && lossy.some((codec) => guard?.codecs.allows(route, codec) === true));
  }

  /** Whether any frame may have lost something. */
  get wasLossy(): boolean {
    return [...this.#codec.values(), ...this.#changes.map(({ was }) => was)].some((codec) => this.#options.lossy.includes(codec));
  }

  begin(apply: (changes: readonly CodecChange[]) => void): void {
    this.#apply = apply;
  }

  measured(rows: MeasuredRows): void {
    this.#options.observations.add(rows);
    for (const { frame } of rows.links) if (frame > this.#lastFrame) this.#lastFrame = frame;
    if (this.#apply !== undefined) this.#decide();
  }

  /** What a shadow frame showed of the frame before it. */
  compared(frame: FrameId, error: OutputError): void {
    const { guard } = this.#options;
    this.#compared = tallied(this.#compared, error);
    if (guard === undefined) return;
    if (!guard.judge.breaches(error)) {
      if (error.sameTop1) this.#lastGood = Number(frame);
      return;
    }
    const { maxAbs, sameTop1 } = error;
    this.#breaches.push({
      frame: Number(frame),
      sinceFrame: this.#lastGood,
      maxAbs: Number.isFinite(maxAbs) ? maxAbs : null,
      sameTop1,
    });
    if (!guard.codecs.refute(this.lossyRoutes, error)) return;
    const names = this.#best(this.#problem());
    const why = `frame ${frame} was outside of the budget`;
    this.#change(
      this.#routes.map((route, index) => {
        const codec = this.#codec.get(routeKey(route))!;
        return this.#allowed(route).includes(codec) ? codec : names[index]!;
      }),
      why,
    );
  }

  report(): CodecsReport {
    const { guard, objective, lossless, observations } = this.#options;
    const problem = this.#problem();
    return {
      objective,
      budget: guard === undefined ? null : formatErrorBudget(guard.budget),
      shadows:
        guard?.shadows === undefined
          ? null
          : { every: guard.shadows.every, compared: tallyReport(this.#compared), breaches: this.#breaches },
      routes: this.#routes.map((route, index) => ({
        from: route.from,
        to: route.to,
        codec: this.#codec.get(routeKey(route))!,
        ...optionsReport({
          problem,
          index,
          assigned: problem === undefined ? [] : this.#assigned(problem),
          samples: observations.ofRoute(route.from, route.to),
          lossless: (codec) => codec === NO_CODEC || lossless.includes(codec),
          errorOf: (codec) => guard?.codecs.errorOf(route, codec),
          allows: (codec) => this.#allowed(route).includes(codec),
        }),
      })),
      changes: this.#changes,
    };
  }

  #problem(): KnownProblem | undefined {
    const { plan, observations, machines, objective } = this.#options;
    return problemOf(plan, this.#routes, observations, machines, objective, (route) => this.#allowed(route));
  }

  #allowed(route: SteeredRoute): readonly string[] {
    const { lossless, lossy, guard } = this.#options;
    if (!route.chosen) return [route.planned];
    return [...lossless, ...lossy.filter((codec) => guard?.codecs.allows(route, codec) === true)];
  }

  /** What to use, as far as is known. */
  #best(problem: KnownProblem | undefined): readonly string[] {
    const { named } = this.#options;
    const names = problem === undefined ? undefined : chosenNames(problem);
    return this.#routes.map((route, index) => {
      if (!route.chosen) return route.planned;
      if (named === undefined) return names?.[index] ?? NO_CODEC;
      return this.#allowed(route).includes(named) ? named : NO_CODEC;
    });
  }

  #decide(): void {
    const problem = this.#problem();
    if (problem === undefined || this.#options.named !== undefined) return;
    const names = this.#best(problem);
    const [now, then] = [this.#assigned(problem), indexes(problem, names)].map((assignment) => costsOf(problem, assignment));
    const [is, would] = [measure(problem, now!), measure(problem, then!)];
    const faster = is >= would * GAIN_MIN;
    const cheaper = would <= is * 1.01 && then!.codingUs < now!.codingUs * CODING_KEPT_MAX;
    const proposal = faster || cheaper ? names.join() : undefined;
    if (proposal !== undefined && proposal === this.#proposed) {
      this.#change(names, faster ? `${now!.limit} is what frames wait for` : `${then!.limit} is what frames wait for: less CPU for codecs`);
    }
    this.#proposed = proposal;
    this.#refresh(problem);
  }

  /** The present codecs as indexes; one that is not known counts as the first. */
  #assigned(problem: KnownProblem): readonly number[] {
    return indexes(
      problem,
      this.#routes.map((route) => this.#codec.get(routeKey(route))!),
    );
  }

  #change(names: readonly string[], why: string): void {
    const { guard } = this.#options;
    const frame = Number(guard?.shadows?.frameOf(this.#lastFrame) ?? this.#lastFrame);
    for (const [index, route] of this.#routes.entries()) {
      const [was, now] = [this.#codec.get(routeKey(route))!, names[index]!];
      if (was === now) continue;
      this.#codec.set(routeKey(route), now);
      this.#changes.push({ frame, from: route.from, to: route.to, was, now, why });
    }
    this.#proposed = undefined;
    this.#refresh(this.#problem());
  }

  /** Cycles as they should be; the engine hears of those that differ. */
  #refresh(problem: KnownProblem | undefined): void {
    const changes: CodecChange[] = [];
    for (const [index, route] of this.#routes.entries()) {
      const codecs = this.#cycleFor(route, problem === undefined ? undefined : { problem, index });
      if (codecs.join() === this.#cycle.get(routeKey(route))!.join()) continue;
      this.#cycle.set(routeKey(route), codecs);
      changes.push({ from: route.from, to: route.to, codecs });
    }
    if (changes.length > 0) this.#apply?.(changes);
  }

  #cycleFor(route: SteeredRoute, known?: { readonly problem: KnownProblem; readonly index: number }): CodecCycle {
    const codec = this.#codec.get(routeKey(route))!;
    if (!route.chosen) return [codec];
    const { guard, lossy } = this.#options;
    const matters = known !== undefined && linkMatters(known.problem, known.index);
    const others = matters ? this.#allowed(route).filter((other) => other !== codec) : [];
    const unknown = others.filter((other) => !known!.problem.names[known!.index]!.includes(other));
    // Nothing but the choice waits for these: each gets its turn at once.
    if (guard === undefined && unknown.length > 0) return [codec, ...unknown];
    const period = guard?.shadows?.period ?? TRY_EVERY;
    const blocks = Math.max(1, period < 4 ? 1 : others.length);
    const cycle = new Array<string>(period * blocks).fill(codec);
    for (let block = 0; block < blocks; block += 1) {
      const other = others[block];
      // Not next to the shadow: the frame it repeats must have travelled as chosen.
      if (other !== undefined && period >= 4) cycle[block * period + (period >> 1) - 1] = other;
      if (guard?.shadows !== undefined && lossy.includes(codec))
        cycle[(block + 1) * period - 1] = losslessOf(known, this.#options.lossless);
    }
    return cycle.every((each) => each === codec) ? [codec] : cycle;
  }
}

/** Of those known, what travels fastest. */
function losslessOf(known: { readonly problem: KnownProblem; readonly index: number } | undefined, lossless: readonly string[]): string {
  if (known === undefined) return NO_CODEC;
  const { problem, index } = known;
  const { options, producer, consumer } = problem.routes[index]!;
  const perUs = problem.bandwidth(producer, consumer);
  const travels = options
    .filter(({ codec }) => lossless.includes(codec))
    .map(({ codec, wireBytes, encodeUs, decodeUs }) => ({ codec, us: encodeUs + wireBytes / perUs + decodeUs }));
  return travels.sort((a, b) => a.us - b.us)[0]?.codec ?? NO_CODEC;
}

/** Whether frames wait for this link when nothing is encoded. */
function linkMatters(problem: KnownProblem, index: number): boolean {
  const { producer, consumer, options } = problem.routes[index]!;
  const largest = Math.max(...options.map(({ wireBytes }) => wireBytes));
  const us = largest / problem.bandwidth(producer, consumer);
  if (problem.objective === 'latency') return us >= LINK_US_MIN;
  const plain = costsOf(
    problem,
    problem.routes.map(() => 0),
  );
  return us >= plain.periodUs * LINK_SHARE_MIN;
}

function indexes({ names }: KnownProblem, codecs: readonly string[]): readonly number[] {
  return names.map((options, route) => Math.max(0, options.indexOf(codecs[route]!)));
}
