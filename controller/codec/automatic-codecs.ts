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
import type { ApplyCodecs, CodecSteering } from '../run/steering.ts';
import type { MeasuredRows } from '../store/records.ts';
import { BudgetWatch, type Guard } from './budget-watch.ts';
import { type CodecProblem, costsOf, measure } from './choose-codecs.ts';
import { optionsReport } from './codec-options.ts';
import type { CodecChangeReport, CodecsReport } from './codec-report.ts';
import { inTurns, scheduled } from './codec-schedule.ts';
import { routeKey, type Variant } from './codec-variants.ts';
import { formatErrorBudget, type OutputError } from './error-budget.ts';
import type { Observations } from './observations.ts';
import {
  chosenNames,
  fastestOf,
  indexesOf,
  type KnownProblem,
  linkMatters,
  type Machines,
  problemOf,
  type SteeredRoute,
  steeredRoutes,
} from './steered-routes.ts';

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

export class AutomaticCodecs implements CodecSteering {
  readonly #options: AutomaticOptions;
  #plan: Plan;
  #routes: readonly SteeredRoute[];
  /** By route key. */
  readonly #codec = new Map<string, string>();
  readonly #cycle = new Map<string, CodecCycle>();
  readonly #watch: BudgetWatch | undefined;
  #changes: readonly CodecChangeReport[] = [];
  #lastFrame: FrameId = 0n;
  /** What was better at the last look; a change is made when it still is at the next. */
  #proposed: string | undefined;
  #apply: ApplyCodecs | undefined;

  constructor(options: AutomaticOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#routes = steeredRoutes(options.plan);
    const problem = this.#problem();
    const names = this.#best(problem);
    for (const [index, route] of this.#routes.entries()) {
      this.#codec.set(routeKey(route), names[index]!);
      this.#cycle.set(routeKey(route), this.#cycleFor(route, index, problem));
    }
    this.#watch = options.guard === undefined ? undefined : new BudgetWatch(options.guard, this.lossyRoutes);
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

  /** Routes between the same stages travel as before; others as they are, until something is known of them. */
  follow(plan: Plan): void {
    if (plan === this.#plan) return;
    this.#plan = plan;
    this.#routes = steeredRoutes(plan);
    this.#options.observations.follow(plan);
    this.#proposed = undefined;
    for (const route of this.#routes) {
      const key = routeKey(route);
      if (!this.#codec.has(key)) this.#codec.set(key, route.chosen ? NO_CODEC : route.planned);
      if (!this.#cycle.has(key)) this.#cycle.set(key, [this.#codec.get(key)!]);
    }
  }

  begin(apply: ApplyCodecs): void {
    this.#apply = apply;
  }

  measured(rows: MeasuredRows): void {
    this.#options.observations.add(rows);
    for (const { frame } of rows.links) if (frame > this.#lastFrame) this.#lastFrame = frame;
    if (this.#apply !== undefined) this.#decide();
  }

  /** What a shadow frame showed of the frame before it. */
  compared(frame: FrameId, error: OutputError): void {
    if (this.#watch?.breachedBy(frame, error) !== true) return;
    const names = this.#best(this.#problem());
    const tightened = this.#routes.map((route, index) => {
      const codec = this.#codec.get(routeKey(route))!;
      return this.#allowed(route).includes(codec) ? codec : names[index]!;
    });
    this.#change(tightened, `frame ${frame} was outside of the budget`, frame);
  }

  report(): CodecsReport {
    const { guard, objective, lossless, observations } = this.#options;
    const problem = this.#problem();
    return {
      objective,
      budget: guard === undefined ? null : formatErrorBudget(guard.budget),
      shadows: this.#watch?.report() ?? null,
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
    const { observations, machines, objective } = this.#options;
    return problemOf(this.#plan, this.#routes, observations, machines, objective, (route) => this.#allowed(route));
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
    const [now, then] = [this.#assigned(problem), indexesOf(problem, names)].map((assignment) => costsOf(problem, assignment));
    const [is, would] = [measure(problem, now!), measure(problem, then!)];
    const faster = is >= would * GAIN_MIN;
    const cheaper = would <= is * 1.01 && then!.codingUs < now!.codingUs * CODING_KEPT_MAX;
    const proposal = faster || cheaper ? names.join() : undefined;
    if (proposal !== undefined && proposal === this.#proposed) {
      const why = faster ? `${now!.limit} is what frames wait for` : `${then!.limit} is what frames wait for: less CPU for codecs`;
      this.#change(names, why, this.#options.guard?.shadows?.frameOf(this.#lastFrame) ?? this.#lastFrame);
    }
    this.#proposed = proposal;
    this.#refresh(problem);
  }

  /** The present codecs. */
  #assigned(problem: KnownProblem): readonly number[] {
    return indexesOf(
      problem,
      this.#routes.map((route) => this.#codec.get(routeKey(route))!),
    );
  }

  /** `frame`: the last that is known to have travelled as before. */
  #change(names: readonly string[], why: string, frame: FrameId): void {
    const before = this.#changes;
    for (const [index, { from, to }] of this.#routes.entries()) {
      const [was, now] = [this.#codec.get(routeKey({ from, to }))!, names[index]!];
      if (was === now) continue;
      this.#codec.set(routeKey({ from, to }), now);
      this.#changes = [...this.#changes, { frame: Number(frame), from, to, was, now, why }];
    }
    this.#proposed = undefined;
    const inForce = this.#watch?.changing(this.lossyRoutes);
    // Nothing to change, and still a reason to: perhaps a producer has not heard of the last one.
    const told = this.#refresh(this.#problem()) ?? this.#tell(this.#routes);
    const made = new Set(this.#changes.slice(before.length));
    void told?.then((id) => {
      const first = this.#options.guard?.shadows?.firstFrom(id) ?? id;
      inForce?.(first);
      this.#changes = this.#changes.map((change) => (made.has(change) ? { ...change, frame: Number(first) } : change));
    });
  }

  /** Cycles as they should be; the engine hears of those that differ. Undefined: none does. */
  #refresh(problem: KnownProblem | undefined): Promise<FrameId> | undefined {
    const changed = this.#routes.filter((route, index) => {
      const codecs = this.#cycleFor(route, index, problem);
      if (codecs.join() === this.#cycle.get(routeKey(route))!.join()) return false;
      this.#cycle.set(routeKey(route), codecs);
      return true;
    });
    return changed.length === 0 ? undefined : this.#tell(changed);
  }

  #tell(routes: readonly SteeredRoute[]): Promise<FrameId> | undefined {
    return this.#apply?.(routes.map((route) => ({ from: route.from, to: route.to, codecs: this.cycleOf(route) })));
  }

  #cycleFor(route: SteeredRoute, index: number, problem: KnownProblem | undefined): CodecCycle {
    const codec = this.#codec.get(routeKey(route))!;
    if (!route.chosen) return [codec];
    const { guard, lossless, lossy } = this.#options;
    const { turnsOf } = route;
    // What it takes to send everything as it is does not have to be tried.
    const candidates = this.#allowed(route).filter((other) => other !== codec && other !== NO_CODEC);
    const others = problem !== undefined && linkMatters(problem, index) ? candidates : [];
    const unknown = others.filter((other) => !problem!.names[index]!.includes(other));
    // Nothing but the choice waits for these: each gets its turn at once.
    if (guard === undefined && unknown.length > 0) return inTurns([codec, ...unknown], turnsOf);
    const period = guard?.shadows?.period;
    const without = !lossy.includes(codec) ? codec : ((problem && fastestOf(problem, index, lossless)) ?? NO_CODEC);
    return scheduled({ codec, others, shadow: period === undefined ? undefined : { period, codec: without }, turnsOf });
  }
}
