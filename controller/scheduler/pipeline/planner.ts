/**
 * The planner: the best pipeline there is, by the prices of costs.ts, and how far from the best it can be.
 *
 *     a few narrow sets ── program ──▶ a good pipeline ──▶ all closed sets, program, only what is better ──▶ the best
 *
 * One device alone, all of them taking turns, a cut, and both together are pipelines like any other: the answer is never worse than any of them.
 *
 * With more closed sets or devices than can be gone through, the program runs on some sets and keeps some states; the bound still holds, and says
 * how much better another pipeline could be at most.
 */
import { MeshError } from '../../../mesh/error.ts';
import type { LayerSet } from '../../../partition/cuts/layer-flow.ts';
import { Costs } from './costs.ts';
import type { Fleet } from './fleet.ts';
import { bitCount } from './group.ts';
import { type Found, idealProgram, type ProgramResult } from './ideal-program.ts';
import { cheapestWalk } from './latency-walk.ts';
import { Lattice } from './lattice.ts';
import { type ObjectiveName, objectives } from './objective.ts';
import { type Evaluation, evaluate, type PipelinePlan } from './pipeline-plan.ts';
import { LayerBounds, Remaining } from './remaining.ts';
import { single, replicate as wholeReplicated } from './strategies/whole-model.ts';
import type { Workload } from './workload.ts';

export interface PlanRequest {
  readonly workload: Workload;
  readonly fleet: Fleet;
  /** Closed sets to choose stage ends from, that of all layers included; and whether these are all there are. */
  readonly ideals: readonly LayerSet[];
  readonly complete: boolean;
  readonly objective: ObjectiveName;
  /** Whether devices may take turns. */
  readonly replicate: boolean;
  /** How many pipelines, of different devices. */
  readonly top: number;
  /** What codecs may add to the relative error. */
  readonly errorMax: number;
  /** `quick`: only the first look, at few sets. */
  readonly effort: 'exact' | 'quick';
}

export interface Planned {
  readonly plan: PipelinePlan;
  readonly evaluation: Evaluation;
  /** What was minimized. */
  readonly value: number;
}

export interface PlannerResult {
  readonly costs: Costs;
  /** The best first; at least one, unless no device has room. */
  readonly plans: readonly Planned[];
  /** No pipeline is better than this. */
  readonly bound: number;
}

/** More devices than this at once, and only the most promising states are kept. */
export const EXACT_DEVICES_MAX = 8;
/** Sets of devices are bits of a number. */
export const DEVICES_MAX = 30;
const BEAM = 2000;
/** Sets of the first look: one for each of so many equal parts of the work. */
const NARROW = 40;
const NARROW_BEAM = 300;
/** The search for the best narrows down to this, relative, before it is done for all. */
const CLOSE = 0.03;
/** Sums of the same prices in another order differ by less, relative. */
const SLACK = 1e-9;

export function planPipeline({
  workload,
  fleet,
  ideals,
  complete,
  objective: name,
  replicate,
  top,
  errorMax,
  effort,
}: PlanRequest): PlannerResult {
  if (fleet.devices.length > DEVICES_MAX) {
    throw new MeshError('unsupported', `${fleet.devices.length} devices are too many to plan for: at most ${DEVICES_MAX}`);
  }
  const costs = new Costs(new Lattice(workload, ideals), fleet);
  const objective = objectives[name];
  const many = effort === 'quick' || fleet.devices.length > EXACT_DEVICES_MAX ? 'fastest' : 'any';
  const teams = replicate && !objective.additive ? many : 'none';
  const options = { objective, teams, errorMax } as const;
  const bounds = new LayerBounds(costs, objective);
  const remaining = new Remaining(costs, bounds);

  const narrow = new Costs(new Lattice(workload, narrowSets(costs.lattice)), fleet);
  const unlimited = { ...options, top, below: Number.POSITIVE_INFINITY, beam: NARROW_BEAM };
  const first = idealProgram(narrow, unlimited, new Remaining(narrow, bounds));
  const seeds = first.found.map((found) => renumbered(found, narrow, costs));
  const everything = 2 ** fleet.devices.length - 1;
  const possible = Math.max(objective.least(costs), remaining.on(everything)[0]!);
  const exhaust = (below: number, beam: number): ProgramResult => idealProgram(costs, { ...options, top, below, beam }, remaining);
  const searched = (): ProgramResult => {
    if (effort === 'quick') return { found: [], exact: false };
    if (fleet.devices.length <= EXACT_DEVICES_MAX) return narrowedDown(seeds, top, possible, exhaust);
    return exhaust(seeds[top - 1]?.value ?? Number.POSITIVE_INFINITY, BEAM);
  };
  const { found, exact } = searched();
  const candidates = [...found, ...seeds].map(({ plan }) => plan);
  const walk = objective.additive ? planned(costs, cheapestWalk(costs, objective), objective.of) : undefined;
  if (walk !== undefined) candidates.push(walk.plan);
  for (const whole of [single, ...(teams === 'none' ? [] : [wholeReplicated])]) candidates.push(whole.plan(costs) ?? []);
  const plans = distinct(
    candidates
      .filter(({ length }) => length > 0)
      .map((plan) => planned(costs, plan, objective.of))
      .filter(({ evaluation }) => evaluation.fits),
  ).slice(0, top);
  // Coming back to a device is looked at without a limit of memory and without lossy codecs: then none can be better than the walk.
  const isLossy = errorMax > 0 && fleet.codecs.some(({ error }) => error > 0);
  const walked = complete && !isLossy ? (walk?.value ?? 0) : 0;
  const bound = Math.max(possible, walked);
  const best = plans[0]?.value ?? Number.POSITIVE_INFINITY;
  const proven = exact && complete && plans[0] !== undefined && (walk === undefined || best <= walked * (1 + SLACK));
  return { costs, plans, bound: proven ? best : Math.min(bound, best) };
}

/**
 * All that is better than the seeds, exactly. Below a low limit the program is quick: first whether there is anything below the middle between what
 * is known and what is possible; when there is, that is it.
 */
function narrowedDown(
  seeds: readonly Found[],
  top: number,
  possible: number,
  exhaust: (below: number, beam: number) => ProgramResult,
): ProgramResult {
  const known = seeds[top - 1]?.value ?? Number.POSITIVE_INFINITY;
  let bound = possible;
  while (Number.isFinite(known) && (known - bound) / known > CLOSE) {
    const below = (known + bound) / 2;
    const result = exhaust(below, Number.POSITIVE_INFINITY);
    if (result.found.length === top) return result;
    bound = below;
  }
  return exhaust(known, Number.POSITIVE_INFINITY);
}

function planned(costs: Costs, plan: PipelinePlan, of: (evaluation: Evaluation) => number): Planned {
  const evaluation = evaluate(costs, plan);
  return { plan, evaluation, value: of(evaluation) };
}

/** The best of each set of devices, the best first; of equally good ones that with fewer devices, then with less latency. */
function distinct(plans: readonly Planned[]): Planned[] {
  const best = new Map<number, Planned>();
  for (const each of plans.toSorted(byMerit)) {
    const used = usedBy(each);
    if (!best.has(used)) best.set(used, each);
  }
  return [...best.values()];
}

function byMerit(a: Planned, b: Planned): number {
  if (Math.abs(a.value - b.value) > SLACK * Math.max(a.value, b.value)) return a.value - b.value;
  return bitCount(usedBy(a)) - bitCount(usedBy(b)) || a.evaluation.latency - b.evaluation.latency;
}

function usedBy({ plan }: Planned): number {
  return plan.reduce((mask, { group }) => mask | group.mask, 0);
}

/** Of the sets with about as much work, the one with least to hand over. */
function narrowSets(lattice: Lattice): LayerSet[] {
  const { sums } = lattice.byCompute(0);
  const total = sums[lattice.last]!;
  const chosen = new Map<number, number>();
  for (let set = 1; set < lattice.last; set += 1) {
    const part = Math.floor((sums[set]! / (total > 0 ? total : 1)) * NARROW);
    const before = chosen.get(part);
    if (before === undefined || lattice.cutBytes[set]! < lattice.cutBytes[before]!) chosen.set(part, set);
  }
  return [...chosen.values(), lattice.last].map((set) => lattice.sets[set]!);
}

function renumbered({ plan, value }: Found, from: Costs, to: Costs): Found {
  return { value, plan: plan.map((stage) => ({ ...stage, to: to.lattice.numberOf(from.lattice.sets[stage.to]!)! })) };
}
