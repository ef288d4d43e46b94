/**
 * `--split MODEL@auto`: finds the best plan by measuring, not by adding up.
 *
 *     segments measured before (cache) ─┐
 *     foretold by the profiler, or else ├
 *     a few equal segments, on each class of device in turn ─┴─▶ plan ─▶ its stages known? ── yes ─▶ run
 *                                                                 ▲            no
 *                                                                 └── try it for a few frames
 *
 * A stage is not as long as the sum of its layers: a runtime fuses across them, and devices that share a machine hinder each other. So a plan is tried
 * before it is believed, and the one with the best measured stages is carried out. How long its stages really took is remembered, too.
 */
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { formatLayers } from '../../partition/layer-ranges.ts';
import type { Plan } from '../../partition/plan.ts';
import { deviceClass } from '../plan/device-class.ts';
import { frameMsAfter } from '../plan/held-by-ends.ts';
import { type TransferSample, transferSamples } from '../plan/link-fit.ts';
import { type Foretell, type MeasuredMember, measuredFleet, noPlanFits, slowestOf } from '../plan/measured-fleet.ts';
import type { MeasuredText, PlanFleet } from '../plan/plan-fleet.ts';
import { objectiveValue, type PlannedModel, type PlanWish, planModel } from '../plan/plan-model.ts';
import { inTurns, type PlacedStage, placedStages } from '../plan/plan-out.ts';
import { planReportOf } from '../plan/plan-report.ts';
import { roomyProfileCuts } from '../plan/profile-cuts.ts';
import { rotations } from '../plan/rotations.ts';
import { layeringKey, SegmentCache } from '../plan/segment-cache.ts';
import { throughputOf } from '../report/run-report.ts';
import type { MeasureSummary } from '../run/measure-summary.ts';
import { cutOfStages } from '../run/prepare.ts';
import { evaluate, type PipelinePlan } from '../scheduler/pipeline/pipeline-plan.ts';
import type { PlannerResult } from '../scheduler/pipeline/planner.ts';
import { cacheFolder } from '../store/folders.ts';
import type { PlannedRun } from './planned-run.ts';
import type { RunOptions } from './run-options.ts';
import { mediansOf, type Tried, tryPlan } from './run-plan.ts';
import type { RunSetup } from './run-setup.ts';

/** Segments that every class of device is measured on first. */
const SEGMENTS = 8;
/** Frames through them, and through a plan that is tried. */
const PROFILE_FRAMES = 6;
const TRIAL_FRAMES = 12;
/** More of them where they are quick: for so long, and so many. */
const TRIAL_MS = 1000;
const TRIAL_FRAMES_MAX = 200;
/** Plans tried, at most; then the best of them is taken, though one that was not tried looks better. */
const TRIALS_MAX = 4;
/** Of the memory of a device without a limit, what stages may take: the rest is the system's. */
const MEMORY_SHARE = 0.8;

export interface FoundPlan {
  readonly plan: PipelinePlan;
  /** Of the last search. */
  readonly result: PlannerResult;
  /** Plans tried before. */
  readonly trials: number;
}

/** The search for one model on one mesh. */
export class PlanSearch {
  readonly #digest: string;
  readonly model: PlannedModel;
  readonly #setup: RunSetup;
  readonly wish: PlanWish;
  readonly #memoryMax: number;
  readonly #foretell: Foretell;
  readonly #cache: SegmentCache;
  readonly #meshKey: string;
  /** By class of device. */
  readonly #times = new Map<string, readonly MeasuredText[]>();
  #members: readonly MeasuredMember[] = [];
  #transfers: readonly TransferSample[] = [];
  #frameMs: number | undefined;

  /** `memoryMax`: bytes that stages may take on each device, where the device allows so much. */
  constructor(
    setup: RunSetup,
    options: Pick<RunOptions, 'nats' | 'mesh'>,
    wish: PlanWish,
    {
      memoryMax = Number.POSITIVE_INFINITY,
      foretell = () => undefined,
    }: { readonly memoryMax?: number; readonly foretell?: Foretell } = {},
  ) {
    const { prepared, first, tools } = setup;
    this.#digest = layeringKey([...first.models.values()][0]!.model.sha256, prepared.layered);
    this.model = { name: prepared.model, layered: prepared.layered };
    this.#setup = setup;
    this.wish = wish;
    this.#memoryMax = memoryMax;
    this.#foretell = foretell;
    this.#cache = new SegmentCache(cacheFolder(tools.env));
    const { local, agents } = tools.mesh;
    this.#meshKey = local === undefined ? `${options.nats ?? tools.env.NATS_URL ?? ''} ${options.mesh ?? ''}` : `private ${agents.size}`;
  }

  /** The best plan of those whose stages were measured. */
  async run(): Promise<FoundPlan> {
    await this.#lookUp();
    // No room for any plan: that is better known before stages are started where they do not fit.
    this.#plan();
    await this.#profile();
    const tried = new Map<string, PipelinePlan>();
    for (;;) {
      const result = this.#plan();
      const { plan } = result.plans[0]!;
      const stages = this.#stagesOf(plan, result);
      const key = JSON.stringify(stages);
      if (this.#isMeasured(stages) || tried.has(key)) return { plan, result, trials: tried.size };
      if (tried.size === TRIALS_MAX) return { plan: this.#best([...tried.values()], result), result, trials: tried.size };
      tried.set(key, plan);
      await this.#try(stages, tried.size, result.plans[0]!.evaluation.period);
    }
  }

  /** A device that may be planned for, and what was measured on devices like it. Again: it may have changed. */
  async meet(device: Device): Promise<void> {
    const { local, agents } = this.#setup.tools.mesh;
    const sharing = local === undefined ? 1 : agents.size;
    const { intraOpThreads } = this.#setup.first.session;
    const member: MeasuredMember = {
      name: device.name,
      deviceClass: deviceClass(device, intraOpThreads, sharing),
      foretoldMs: this.#foretell(device, intraOpThreads),
      memoryBytes: Math.min(this.#memoryMax, device.memoryLimitBytes ?? (device.memoryBytes * MEMORY_SHARE) / sharing),
    };
    const known = this.#times.get(member.deviceClass) ?? (await this.#cache.times(this.#digest, member.deviceClass));
    this.#times.set(member.deviceClass, known);
    this.#members = [...this.#members.filter(({ name }) => name !== member.name), member];
  }

  has(device: string): boolean {
    return this.#members.some(({ name }) => name === device);
  }

  /** Whether something was measured on devices like it. */
  knows(device: string): boolean {
    return this.has(device) && (this.#times.get(this.#classOf(device))!.length > 0 || this.#isForetold(device));
  }

  /** To be carried out, with what was foretold of it. */
  async chosen({ plan, result, trials }: FoundPlan): Promise<PlannedRun> {
    const { objective } = this.wish;
    if (objective === 'energy') throw new TypeError('runs have no energy to compare with');
    const evaluation = evaluate(result.costs, inTurns(plan));
    const told = { ...result, plans: [{ plan, evaluation, value: objectiveValue(objective, evaluation) }] };
    const facts = { model: this.model.name, fleet: this.fleet(), wish: this.wish, result: told, compared: [], whatIf: [], solveMs: 0 };
    const { plans, bound } = planReportOf(facts);
    const { throughputFps, latencyMs, limit } = plans[0]!;
    const foretold = { objective, throughputFps, latencyMs, limit, gap: bound.optimal ? 0 : bound.gap, trials };
    const planned = await this.planned(this.#stagesOf(plan, result));
    // Frames that wait for each other have no short time.
    const window = objective === 'latency' && planned.window === 'auto' ? 1 : planned.window;
    return { ...planned, window, foretold };
  }

  /** `steady`: the run went on as planned from beginning to end. */
  async learn(planned: PlannedRun, measured: MeasureSummary, steady: boolean): Promise<void> {
    const { frames } = measured;
    const computeMs = mediansOf(planned.plan, measured);
    await this.#keepTimes(planned, computeMs);
    // How fast frames followed each other says nothing of a plan that was another meanwhile.
    if (!steady) return;
    const fps = planned.rateFps === undefined && planned.window === 'auto' && frames.count > 1 ? throughputOf(frames) : null;
    await this.#keepFrameMs(planned.plan, computeMs, frames.count, fps === null ? undefined : 1000 / fps);
  }

  /** What is known of devices, and was measured before. */
  async #lookUp(): Promise<void> {
    const { mesh, signal } = this.#setup.tools;
    const described = await Promise.all([...mesh.agents.values()].map((agent) => agent.describe(signal)));
    for (const { device } of described) await this.meet(device);
    this.#transfers = await this.#cache.transfers(this.#meshKey);
    this.#frameMs = await this.#cache.frameMs(this.#meshKey);
  }

  /** Some equal segments on every class of device, those that are not known yet. */
  async #profile(): Promise<void> {
    // What is foretold is good enough for a first plan; that is tried before it is believed.
    if (this.#members.every(({ name }) => this.#isForetold(name))) return;
    const rooms = this.#members.map(({ memoryBytes }) => memoryBytes);
    const segments = roomyProfileCuts(this.model.layered, SEGMENTS, rooms);
    if (segments === undefined) return; // Then plans have to be tried without knowing anything.
    const known = (segment: number, deviceClass: string): boolean => this.#knows(deviceClass, formatLayers(segments[segment]!));
    const classes = this.#members.map(({ deviceClass }) => deviceClass);
    const needed = [...rotations(segments.length, classes, known)];
    // Times may be known of another mesh; of the links of this one something has to be.
    if (needed.length === 0 && this.#transfers.length === 0) needed.push(segments.map((_, segment) => segment % classes.length));
    for (const [index, places] of needed.entries()) {
      const deviceOf = (segment: number): string => this.#members[places[segment]!]!.name;
      const stages = segments.map((layers, at): PlacedStage => ({ id: `stage${at + 1}`, layers, devices: [deviceOf(at)], shares: [1] }));
      const title = `measuring ${segments.length} segments${needed.length === 1 ? '' : `, ${index + 1} of ${needed.length}`}`;
      await this.#measure(stages, { title, suffix: `segments${index + 1}`, frames: PROFILE_FRAMES, window: 1 });
    }
  }

  async #try(stages: readonly PlacedStage[], trial: number, periodMs: number): Promise<void> {
    // Frames alone when one frame's time is what counts, or nothing is known of links yet; else as many at once as there will be.
    const window = this.wish.objective === 'throughput' && this.#transfers.length > 0 ? 'auto' : 1;
    const frames = Math.max(TRIAL_FRAMES, Math.min(TRIAL_FRAMES_MAX, Math.ceil(TRIAL_MS / periodMs)));
    await this.#measure(stages, { title: `trying plan ${trial}`, suffix: `trial${trial}`, frames, window });
  }

  async #measure(stages: readonly PlacedStage[], trial: Parameters<typeof tryPlan>[2]): Promise<void> {
    const planned = await this.planned(stages);
    const done = await tryPlan(planned, this.#setup.tools, trial);
    await this.#keepTimes(planned, done.computeMs);
    if (trial.window === 1) await this.#keepTransfers(planned, done);
    else await this.#keepFrameMs(planned.plan, done.computeMs, trial.frames, done.periodMs);
  }

  async #keepTimes({ plan }: PlannedRun, computeMs: ReadonlyMap<string, number>): Promise<void> {
    const measured = plan.stages.flatMap(({ id, layers, device }) => {
      const ms = computeMs.get(id);
      return ms === undefined ? [] : [{ deviceClass: this.#classOf(device), layers, ms }];
    });
    for (const [deviceClass, own] of Map.groupBy(measured, (each) => each.deviceClass)) {
      const slowest = slowestOf(own);
      const replaced = new Set(slowest.map(({ layers }) => layers));
      this.#times.set(deviceClass, [...this.#times.get(deviceClass)!.filter(({ layers }) => !replaced.has(layers)), ...slowest]);
      await this.#kept(this.#cache.putTimes(this.#digest, deviceClass, slowest));
    }
  }

  async #keepTransfers({ plan }: PlannedRun, { links }: Tried): Promise<void> {
    const samples = transferSamples(plan, links);
    if (samples.length === 0) return;
    const replaced = new Set(samples.map(({ from, to }) => `${from} ${to}`));
    this.#transfers = [...this.#transfers.filter(({ from, to }) => !replaced.has(`${from} ${to}`)), ...samples];
    await this.#kept(this.#cache.putTransfers(this.#meshKey, samples));
  }

  async #keepFrameMs(plan: Plan, computeMs: ReadonlyMap<string, number>, frames: number, periodMs: number | undefined): Promise<void> {
    const frameMs = periodMs === undefined ? undefined : frameMsAfter(this.#frameMs, plan, computeMs, frames, periodMs);
    if (frameMs === undefined || frameMs === this.#frameMs) return;
    this.#frameMs = frameMs;
    await this.#kept(this.#cache.putFrameMs(this.#meshKey, frameMs));
  }

  async #kept(writing: Promise<void>): Promise<void> {
    await writing.catch((error: unknown) => {
      const message = `what was measured can't be kept for the next time: ${MeshError.from(error).message}`;
      this.#setup.tools.watcher({ kind: 'warning', message });
    });
  }

  #plan(): PlannerResult {
    const result = planModel(this.model, this.fleet(), this.wish);
    if (result.plans.length === 0) throw noPlanFits(this.model.name, this.#members);
    return result;
  }

  /** The devices as they are known now. */
  fleet(): PlanFleet {
    return measuredFleet(this.model.name, this.#members, { times: this.#times, transfers: this.#transfers, frameMs: this.#frameMs });
  }

  /** By what was measured since. Sets have the same numbers in all results: they are of the same model. */
  #best(tried: readonly PipelinePlan[], { costs }: PlannerResult): PipelinePlan {
    const value = (plan: PipelinePlan): number => objectiveValue(this.wish.objective, evaluate(costs, inTurns(plan)));
    return tried.reduce((best, plan) => (value(plan) < value(best) ? plan : best));
  }

  #stagesOf(plan: PipelinePlan, { costs }: PlannerResult): readonly PlacedStage[] {
    const names = this.#members.map(({ name }) => name);
    return placedStages(plan, costs.lattice, names);
  }

  /** A run of these stages. */
  planned(stages: readonly PlacedStage[]): Promise<PlannedRun> {
    const planned = stages.map(({ id, layers, devices, shares }) =>
      devices.length === 1 ? { id, layers, device: devices[0] } : { id, layers, device: undefined, replicas: { devices, shares } },
    );
    const cut = cutOfStages(this.model.layered, planned);
    const seats = cut.planned.map((device) => device!);
    return this.#setup.planRun(cut, seats);
  }

  #isForetold(device: string): boolean {
    return this.#memberOf(device)?.foretoldMs !== undefined;
  }

  #isMeasured(stages: readonly PlacedStage[]): boolean {
    return stages.every(({ layers, devices }) => devices.every((device) => this.#knows(this.#classOf(device), formatLayers(layers))));
  }

  #knows(deviceClass: string, layers: string): boolean {
    return this.#times.get(deviceClass)!.some((each) => each.layers === layers);
  }

  #classOf(device: string): string {
    return this.#memberOf(device)!.deviceClass;
  }

  #memberOf(device: string): MeasuredMember | undefined {
    return this.#members.find(({ name }) => name === device);
  }
}
