/**
 * The scheduler of an `@auto` run while it goes on: what it would do with the devices that are there now.
 *
 *     the same cut fits nowhere ──▶ other cuts, fewer stages ──▶ carried out at once
 *     a device went or came, is slow, a link collapsed ──▶ asked once ──▶ a candidate, made when it is decided for
 *
 * A stage's id stands for its layers as long as the run lives: what was loaded, measured and calibrated under it stays true.
 */
import type { Device } from '../../mesh/device.ts';
import { SINK, SOURCE } from '../../mesh/frame.ts';
import { framesAt, placementOf } from '../../partition/flow/plan-shape.ts';
import { formatLayers } from '../../partition/layer-ranges.ts';
import type { Plan } from '../../partition/plan.ts';
import { CONTROLLER } from '../plan/plan-fleet.ts';
import type { PlanWish } from '../plan/plan-model.ts';
import type { PlacedStage } from '../plan/plan-out.ts';
import { type DeviceNow, fleetNow, formatStages, type PresentStage, type Recut, recut } from '../plan/recut.ts';
import { Circumstances } from '../recovery/circumstances.ts';
import type { SeatDevice } from '../recovery/seating.ts';
import type { Planned } from '../run/planned.ts';
import type { Candidate, Measured, Present, Recutter, ReplanRequest } from '../run/replan.ts';
import { misfit, stageNeeds } from '../run/stage-needs.ts';
import type { PlanSearch } from './plan-search.ts';

/** Plans that turn out to be larger than reckoned, before it gives up. */
const ATTEMPTS = 3;

export class Recutting implements Recutter {
  readonly #search: PlanSearch;
  readonly #wish: PlanWish;
  /** Layers → stage. */
  readonly #names: Map<string, string>;
  /** Device → layers → milliseconds per frame, at the device's usual speed. */
  readonly #times = new Map<string, Map<string, number>>();
  readonly #circumstances = new Circumstances();
  #found: { readonly plan: string; readonly candidate: Candidate } | undefined;

  /** `first`: what the run begins with. */
  constructor(search: PlanSearch, wish: PlanWish, first: Plan) {
    this.#search = search;
    this.#wish = wish;
    this.#names = new Map(first.stages.map(({ id, replicaOf, layers }) => [layers, replicaOf ?? id]));
    // What the run begins with was just planned for; a device may be lost before anything is measured.
    this.#circumstances.changed({
      devices: search.fleet().devices.map(({ name }) => name),
      plan: JSON.stringify(presentStages(first)),
      slowness: new Map(),
      speed: new Map(),
    });
  }

  async meet(device: Device): Promise<void> {
    if (!this.#search.has(device.name)) await this.#search.meet(device);
  }

  /** The best plan for those devices, now that the present one can't go on; a text: why there is none. */
  async instead(request: ReplanRequest, devices: readonly SeatDevice[]): Promise<Planned | string> {
    const { planned, epoch, without, avoid } = request;
    this.#learn(request);
    const shunned = planned.plan.stages.filter(({ id, device }) => avoid(id, device)).map(({ device }) => device);
    const there = devices.filter(({ name }) => !without.has(name) && !shunned.includes(name));
    const own = heldBy(planned);
    const rooms = there.flatMap(({ name, freeBytes }) =>
      freeBytes === undefined ? [] : ([[name, { totalBytes: freeBytes + (own.get(name) ?? 0), reservedBytes: 0 }]] as const),
    );
    // What a stage needs besides what the planner reckons: what waits in its window.
    const more = new Map<string, number>();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const now = there.map((device) => this.#now(device, (own.get(device.name) ?? 0) - (more.get(device.name) ?? 0), request));
      const found = this.#recut(now, undefined, request.links);
      if (found === undefined) break;
      const made = await this.#make(found.stages, epoch);
      if (misfit(made, this.#search.model.name, new Map(rooms)) === undefined) {
        const beside = rooms.map(([name, { totalBytes }]) => [name, { totalBytes, reservedBytes: own.get(name) ?? 0 }] as const);
        return misfit(made, this.#search.model.name, new Map(beside)) === undefined ? made : { ...made, alone: true };
      }
      for (const [device, bytes] of heldBy(made)) more.set(device, bytes - (heldIn(found.stages).get(device) ?? 0));
    }
    return `no other cut of ${this.#search.model.name} fits into ${there.map(({ name }) => name).join(', ') || 'nothing'}`;
  }

  /** The scheduler's plan, when it is better than the present one. It is asked when circumstances have changed. */
  candidate(present: Present, devices: readonly SeatDevice[]): Candidate | undefined {
    const { plan } = present.planned;
    this.#learn(present);
    if (plan.stages.some(({ id }) => !present.computeMs.has(id))) return undefined;
    const there = devices.filter(({ name }) => !present.without.has(name) && this.#search.has(name));
    const key = JSON.stringify(presentStages(plan));
    const circumstance = {
      devices: there.map(({ name }) => name),
      plan: key,
      slowness: present.slowness,
      speed: speedsOf(plan, present.links),
    };
    if (this.#circumstances.changed(circumstance)) this.#found = this.#look(present, there, key);
    return this.#found?.plan === key ? this.#found.candidate : undefined;
  }

  #look(present: Present, there: readonly SeatDevice[], key: string): { plan: string; candidate: Candidate } | undefined {
    const { plan } = present.planned;
    const own = heldBy(present.planned);
    const stages = presentStages(plan);
    const withOwn = this.#recut(
      there.map((device) => this.#now(device, own.get(device.name) ?? 0, present)),
      stages,
      present.links,
    );
    // The new stages are loaded beside the old ones; those that stay are there.
    const found =
      withOwn === undefined || fitsBeside(withOwn, stages, there)
        ? withOwn
        : this.#recut(
            there.map((device) => this.#now(device, 0, present)),
            stages,
            present.links,
          );
    if (found?.ratio === undefined || !(found.ratio < 1)) return undefined;
    const what = `a new plan of ${formatStages(found.stages)}`;
    return { plan: key, candidate: { ratio: found.ratio, what, make: () => this.#make(found.stages, plan.epoch) } };
  }

  #recut(now: readonly DeviceNow[], present: readonly PresentStage[] | undefined, links: Measured['links']): Recut | undefined {
    const usual = this.#search.fleet();
    const speed = (from: string, to: string): number | undefined => {
      const ends = [from === CONTROLLER ? SOURCE : from, to === CONTROLLER ? SINK : to] as const;
      const measured = links.speed(...ends)?.raw;
      const likely = links.estimate(...ends);
      return measured ?? (likely === undefined ? undefined : Math.min(likely, usual.link(from, to).bytesPerMs));
    };
    // Devices that nothing was measured on are only counted on when others are not enough.
    const measured = now.filter(({ name, measured: own }) => own.length > 0 || this.#search.knows(name));
    const attempts = measured.length === now.length || present !== undefined ? [measured] : [measured, now];
    return attempts
      .filter(({ length }) => length > 0)
      .map((devices) => recut(this.#search.model, fleetNow(usual, devices, speed), this.#wish, present))
      .find((found) => found !== undefined);
  }

  #now({ name, freeBytes = Number.POSITIVE_INFINITY }: SeatDevice, ownBytes: number, { slowness }: Measured): DeviceNow {
    return {
      name,
      memoryBytes: Math.max(0, freeBytes + ownBytes),
      slowness: slowness.get(name) ?? 1,
      measured: [...(this.#times.get(name) ?? [])].map(([layers, ms]) => ({ layers, ms })),
    };
  }

  #learn({ planned, computeMs, slowness }: Present): void {
    for (const { id, device, layers } of planned.plan.stages) {
      const ms = computeMs.get(id);
      if (ms === undefined) continue;
      const times = this.#times.get(device) ?? new Map<string, number>();
      this.#times.set(device, times.set(layers, ms / (slowness.get(device) ?? 1)));
    }
  }

  async #make(stages: readonly PlacedStage[], epoch: Plan['epoch']): Promise<Planned> {
    const named = stages.map((stage) => ({ ...stage, id: this.#nameOf(formatLayers(stage.layers)) }));
    const { plan, models } = await this.#search.planned(named);
    return { plan: { ...plan, epoch }, models };
  }

  #nameOf(layers: string): string {
    const name = this.#names.get(layers) ?? `stage${this.#names.size + 1}`;
    this.#names.set(layers, name);
    return name;
  }
}

/** Stages with their replicas, in the order of the plan. */
function presentStages(plan: Plan): PresentStage[] {
  return [...Map.groupBy(plan.stages, ({ id, replicaOf }) => replicaOf ?? id).values()].map((replicas) => ({
    layers: replicas[0]!.layers,
    devices: replicas.map(({ device }) => device),
    shares: replicas.map(({ id }) => framesAt(plan, id).reduce((sum, each) => sum + each, 0)),
  }));
}

/** Link → raw bytes per millisecond, of those that the plan uses and that were measured. */
function speedsOf(plan: Plan, links: Measured['links']): Map<string, number> {
  const placement = placementOf(plan);
  const speeds = plan.routes.flatMap(({ from, to }): [string, number][] => {
    const [p, q] = [placement.get(from) ?? from, placement.get(to) ?? to];
    const speed = links.speed(p, q)?.raw;
    return speed === undefined ? [] : [[`${p} ${q}`, speed]];
  });
  return new Map(speeds);
}

/** Device → bytes that stages of a plan were admitted with. */
function heldBy({ plan, models }: Planned): Map<string, number> {
  return sums(plan.stages.map((stage) => [stage.device, stageNeeds(plan, stage, models).bytes]));
}

/** The same as the planner reckons. */
function heldIn(stages: Recut['stages']): Map<string, number> {
  return sums(stages.flatMap(({ devices, memoryBytes }) => devices.map((device): [string, number] => [device, memoryBytes])));
}

function fitsBeside({ stages }: Recut, present: readonly PresentStage[], there: readonly SeatDevice[]): boolean {
  const isThere = (layers: string, device: string): boolean =>
    present.some((stage) => stage.layers === layers && stage.devices.includes(device));
  const added = stages.map(({ devices, layers, ...stage }) => ({
    ...stage,
    layers,
    devices: devices.filter((device) => !isThere(formatLayers(layers), device)),
  }));
  const held = heldIn(added);
  return there.every(({ name, freeBytes = Number.POSITIVE_INFINITY }) => (held.get(name) ?? 0) <= freeBytes);
}

function sums(parts: readonly (readonly [string, number])[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const [key, value] of parts) total.set(key, (total.get(key) ?? 0) + value);
  return total;
}
