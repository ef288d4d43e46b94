/**
 * Recovery placement: a device is lost or to be drained, and its stages sit elsewhere from the next epoch on.
 *
 *     a on pi1   b on pi2, pi3   c on pi2        pi2 lost
 *       stays      │      stays     └─▶ must go somewhere: a free device, or one that already works for the run
 *                  └─▶ may go to a free device of its own; otherwise its turns go to the sibling on pi3
 *
 * Who can stay stays: what is loaded is ready at once. For the others the first difference of these decides between two seatings:
 *
 *     1. more of the spares that were asked for are used, earlier ones first        3. fewer seats are dropped
 *     2. the bottleneck (the busiest device's milliseconds per frame) is lower      4. fewer seats share a device
 *     5. the busiest device but one has less to do, then the next
 *
 * So free devices come first, the fastest of them, unless one that works for the run already is faster still; all stages on one device is what
 * is left when there is only one. A seating that looks exactly as good as another loses to it by the order of the devices given.
 *
 * Seats are placed one after the other, most work first, and the best BEAM seatings so far are kept (beam search; Lowerre, The Harpy speech
 * recognition system, 1976): with up to BEAM of them all are tried, and the result is the best there is.
 */
import { bytes } from '../text/format.ts';
import { type Seat, SeatCosts, type SeatDevice, type SeatedStage } from './seating.ts';

export interface ReseatProblem {
  readonly stages: readonly SeatedStage[];
  /** All that are there, in the order in which equals are preferred. Whoever sits on others must go. */
  readonly devices: readonly SeatDevice[];
  /** Lost or draining: nobody stays there and nobody comes. */
  readonly without: readonly string[];
  /** Devices kept for this, in the order in which they are to be used. */
  readonly spares?: readonly string[];
}

export interface NewSeat {
  readonly device: string;
  readonly share: number;
  /** Where it was; the same device: it stays. */
  readonly was: string;
}

export interface Reseated {
  readonly kind: 'reseated';
  /** In the order given, seats too. */
  readonly stages: readonly { readonly id: string; readonly seats: readonly NewSeat[] }[];
  /** Replicas that are no more; their siblings' shares stay. */
  readonly dropped: readonly { readonly stage: string; readonly device: string }[];
  /** Predicted from compute times alone. Undefined: none was measured. */
  readonly bottleneckMs: number | undefined;
}

export interface Nowhere {
  readonly kind: 'nowhere';
  /** For a person: who needs what, and who has what. */
  readonly reason: string;
}

/** Tried in this order, until something fits. */
const BEAMS = [100, 1_000];
/** Times that differ by less are equal: nobody measured so well, and sums are rounded. */
const NANOSECOND_MS = 1e-6;

interface Moving {
  readonly stage: SeatedStage;
  readonly seat: Seat;
  /** It may be dropped, and gets a device of its own or none. */
  readonly optional: boolean;
}

/** A device for each of the first seats that move; undefined: dropped. */
type Choices = readonly (string | undefined)[];

interface Seating {
  readonly choices: Choices;
  readonly cost: readonly number[];
}

/** The best seating without those devices; or why there is none. Deterministic. */
export function reseat(problem: ReseatProblem): Reseated | Nowhere {
  const search = new Search(problem);
  for (const beam of BEAMS) {
    const best = search.best(beam);
    if (best !== undefined) return search.reseated(best);
  }
  return { kind: 'nowhere', reason: search.whyNot() };
}

class Search {
  readonly #stages: readonly SeatedStage[];
  readonly #devices: readonly SeatDevice[];
  readonly #names: ReadonlySet<string>;
  readonly #costs: SeatCosts;
  readonly #moving: readonly Moving[];
  /** Device → seats that stay there. */
  readonly #staying: ReadonlyMap<string, number>;
  readonly #spares: readonly string[];

  constructor({ stages: given, devices, without, spares }: ReseatProblem) {
    // Seats are told apart by being different objects; a caller may use one twice.
    const stages = given.map((stage) => ({ ...stage, seats: stage.seats.map((seat) => ({ ...seat })) }));
    this.#stages = stages;
    this.#devices = devices.filter(({ name }) => !without.includes(name));
    this.#names = new Set(this.#devices.map(({ name }) => name));
    // Draining devices still say how fast they are, which tells how much work their stages are.
    this.#costs = new SeatCosts(stages, devices);
    this.#moving = stages.flatMap((stage) => this.#movingOf(stage)).sort((a, b) => this.#workOf(b) - this.#workOf(a));
    this.#staying = countOf(stages.flatMap(({ seats }) => seats.filter((seat) => this.#stays(seat)).map(({ device }) => device)));
    this.#spares = (spares ?? []).filter((name) => this.#names.has(name) && !this.#staying.has(name));
  }

  best(beam: number): Choices | undefined {
    let kept: readonly Seating[] = [{ choices: [], cost: [] }];
    for (const moving of this.#moving) {
      const next = kept.flatMap(({ choices }) =>
        this.#placesFor(moving, choices).map((place) => {
          const more = [...choices, place];
          return { choices: more, cost: this.#cost(more) };
        }),
      );
      // The sort is stable: of equals the one found first is better.
      kept = next.sort((a, b) => compare(a.cost, b.cost)).slice(0, beam);
    }
    return kept[0]?.choices;
  }

  reseated(choices: Choices): Reseated {
    const place = new Map(this.#moving.map(({ seat }, index) => [seat, choices[index]]));
    return {
      kind: 'reseated',
      stages: this.#stages.map(({ id, seats }) => ({
        id,
        seats: seats.flatMap((seat) => {
          const device = this.#stays(seat) ? seat.device : place.get(seat);
          return device === undefined ? [] : [{ device, share: seat.share, was: seat.device }];
        }),
      })),
      dropped: this.#moving
        .filter((_, index) => choices[index] === undefined)
        .map(({ stage, seat }) => ({ stage: stage.id, device: seat.device })),
      bottleneckMs: this.#costs.measured ? Math.max(...this.#loads(choices).values()) : undefined,
    };
  }

  whyNot(): string {
    if (this.#devices.length === 0) return 'no device is left';
    const has = this.#devices.map(({ name, freeBytes }) => `${name} has ${freeBytes === undefined ? 'room' : `${bytes(freeBytes)} free`}`);
    const needy = this.#moving.filter(({ optional }) => !optional);
    const alone = needy.find((moving) => this.#placesFor(moving, []).length === 0);
    const who = alone === undefined ? needy : [alone];
    const needs = who.map(({ stage }) => `${stage.id} needs ${bytes(stage.memoryBytes ?? 0)}`);
    return `${needs.join(' and ')}; ${has.join(', ')}`;
  }

  #stays({ device }: Seat): boolean {
    return this.#names.has(device);
  }

  /** Of a stage that loses all its seats, the one with the largest share must go somewhere. */
  #movingOf(stage: SeatedStage): Moving[] {
    const lost = stage.seats.filter((seat) => !this.#stays(seat));
    const needed = lost.length < stage.seats.length ? undefined : lost.reduce((most, seat) => (seat.share > most.share ? seat : most));
    return lost.map((seat) => ({ stage, seat, optional: seat !== needed }));
  }

  #workOf({ stage, seat }: Moving): number {
    return this.#costs.work(stage.id, seat.share / sharesOf(stage.seats));
  }

  #placesFor({ stage, optional }: Moving, choices: Choices): (string | undefined)[] {
    const placed = choices.map((place, index) => ({ place, moving: this.#moving[index]! }));
    const fits = ({ name, freeBytes = Number.POSITIVE_INFINITY }: SeatDevice): boolean => {
      const there = placed.filter(({ place }) => place === name).map(({ moving }) => moving);
      if (there.some((other) => other.optional)) return false;
      if (optional && (there.length > 0 || this.#staying.has(name))) return false;
      return there.reduce((sum, other) => sum + (other.stage.memoryBytes ?? 0), stage.memoryBytes ?? 0) <= freeBytes;
    };
    const names = this.#devices.filter(fits).map(({ name }) => name);
    return optional ? [...names, undefined] : names;
  }

  #cost(choices: Choices): number[] {
    const places = choices.filter((place) => place !== undefined);
    const used = this.#spares.filter((name) => places.includes(name));
    const ranks = used.reduce((sum, name) => sum + this.#spares.indexOf(name), 0);
    const loads = this.#loads(choices);
    const busiest = [...loads.values()].map(rounded).sort((a, b) => b - a);
    const shared = [...countOf(places)].reduce((sum, [name, count]) => sum + count - 1 + (this.#staying.get(name) ?? 0), 0);
    return [-used.length, ranks, busiest[0] ?? 0, choices.length - places.length, shared, ...busiest.slice(1)];
  }

  /** Device → milliseconds per frame. Seats that are not placed yet have their shares already, and load nobody. */
  #loads(choices: Choices): Map<string, number> {
    const place = new Map(choices.map((device, index) => [this.#moving[index]!.seat, device]));
    const loads = new Map<string, number>();
    for (const { id, seats } of this.#stages) {
      const shares = sharesOf(seats.filter((seat) => !(place.has(seat) && place.get(seat) === undefined)));
      for (const seat of seats) {
        const device = this.#stays(seat) ? seat.device : place.get(seat);
        if (device !== undefined) loads.set(device, (loads.get(device) ?? 0) + this.#costs.computeMs(id, seat.share / shares, device));
      }
    }
    return loads;
  }
}

function sharesOf(seats: readonly Seat[]): number {
  return seats.reduce((sum, { share }) => sum + share, 0);
}

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  // A device without work is not listed: it takes no time.
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** In nanoseconds. */
function rounded(ms: number): number {
  return Math.round(ms / NANOSECOND_MS);
}
