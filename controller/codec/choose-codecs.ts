/**
 * Which codec each route should have, from what was measured: encode and decode times on their devices, bytes at each cut, speed of the links.
 *
 *     device   compute of its stages, and beside it encoding and decoding: together at most what its cores can do
 *     link     wire bytes ÷ bandwidth, of all routes between the two devices
 *
 * `throughput`: the period is the longest of these; a codec somewhere else costs CPU and gains nothing. `latency`: encode + send + decode of each
 * route. Of choices that are equally good, the one that takes the least CPU.
 */

export interface CodecOption {
  readonly codec: string;
  /** Of a frame that takes this route. */
  readonly wireBytes: number;
  readonly encodeUs: number;
  readonly decodeUs: number;
}

export interface RouteOptions {
  /** Devices. */
  readonly producer: string;
  readonly consumer: string;
  /** Part of the run's frames that take this route. */
  readonly share: number;
  readonly options: readonly CodecOption[];
}

export interface DeviceWork {
  readonly cores: number;
  /** Of one frame of the run: its stages, one after the other. */
  readonly computeUs: number;
  /** That compute at once. */
  readonly threads: number;
}

export interface CodecProblem {
  readonly objective: 'throughput' | 'latency';
  readonly routes: readonly RouteOptions[];
  readonly devices: ReadonlyMap<string, DeviceWork>;
  /** Bytes per microsecond from one device to another. */
  readonly bandwidth: (producer: string, consumer: string) => number;
}

export interface CodecCosts {
  /** Time between frames, microseconds. */
  readonly periodUs: number;
  /** What the period is the time of: a device, or `A → B`. */
  readonly limit: string;
  /** The period with room on the links: what a choice is made by. */
  readonly guardedUs: number;
  /** Encoding, sending and decoding, all routes of a frame. */
  readonly travelUs: number;
  /** Encoding and decoding, all devices, of one frame of the run. */
  readonly codingUs: number;
}

/** Assignments tried one by one; with more, one route after the other is improved. */
const EXHAUSTIVE_MAX = 5_000;
/** Links carry other things, too, and their speed moves more than that of a processor: so much of it is kept free when that costs nothing else. */
const LINK_ROOM = 1.25;
/** Differences below are noise; then CPU decides. */
const TIE = 0.02;

/** An index into the options for each route. */
export type Assignment = readonly number[];

export function costsOf({ routes, devices, bandwidth }: CodecProblem, assignment: Assignment): CodecCosts {
  const coding = new Map<string, number>();
  const links = new Map<string, { bytes: number; perUs: number }>();
  let travelUs = 0;
  let codingUs = 0;
  for (const [index, { producer, consumer, share, options }] of routes.entries()) {
    const { wireBytes, encodeUs, decodeUs } = options[assignment[index]!]!;
    coding.set(producer, (coding.get(producer) ?? 0) + share * encodeUs);
    coding.set(consumer, (coding.get(consumer) ?? 0) + share * decodeUs);
    codingUs += share * (encodeUs + decodeUs);
    const perUs = bandwidth(producer, consumer);
    travelUs += share * (encodeUs + wireBytes / perUs + decodeUs);
    const way = `${producer} → ${consumer}`;
    links.set(way, { bytes: (links.get(way)?.bytes ?? 0) + share * wireBytes, perUs });
  }
  let [periodUs, guardedUs, limit] = [0, 0, ''];
  const raise = (us: number, what: string, guarded = us): void => {
    if (us > periodUs) [periodUs, limit] = [us, what];
    guardedUs = Math.max(guardedUs, guarded);
  };
  for (const [device, { cores, computeUs, threads }] of devices) {
    const codingOf = coding.get(device) ?? 0;
    raise(Math.max(computeUs, codingOf, (computeUs * Math.min(threads, cores) + codingOf) / cores), device);
  }
  for (const [way, { bytes, perUs }] of links) raise(bytes / perUs, way, (bytes / perUs) * LINK_ROOM);
  return { periodUs, limit, guardedUs, travelUs, codingUs };
}

/** Every route has at least one option. */
export function chooseCodecs(problem: CodecProblem): Assignment {
  const { routes } = problem;
  const all = routes.reduce((product, { options }) => product * options.length, 1);
  if (all > EXHAUSTIVE_MAX) return thrifty(problem, descend(problem));
  const candidates = everyAssignment(routes);
  const costs = candidates.map((assignment) => ({ assignment, costs: costsOf(problem, assignment) }));
  const least = Math.min(...costs.map((each) => measure(problem, each.costs)));
  const good = costs.filter((each) => measure(problem, each.costs) <= least * (1 + TIE));
  return good.reduce((best, each) => (each.costs.codingUs < best.costs.codingUs ? each : best)).assignment;
}

/** What the objective wants small. */
export function measure({ objective }: Pick<CodecProblem, 'objective'>, { guardedUs, travelUs }: CodecCosts): number {
  return objective === 'throughput' ? guardedUs : travelUs;
}

function everyAssignment(routes: readonly RouteOptions[]): Assignment[] {
  return routes.reduce<number[][]>((made, { options }) => made.flatMap((start) => options.map((_, index) => [...start, index])), [[]]);
}

/** With what costs the least CPU on each route, one after the other, as long as it is no worse than a tie. */
function thrifty(problem: CodecProblem, assignment: Assignment): Assignment {
  const most = measure(problem, costsOf(problem, assignment)) * (1 + TIE);
  return problem.routes.reduce((made, { options }, index) => {
    const byCoding = [...options.keys()].sort((a, b) => codingOf(options[a]!) - codingOf(options[b]!));
    return made.with(
      index,
      byCoding.find((option) => measure(problem, costsOf(problem, made.with(index, option))) <= most) ?? made[index]!,
    );
  }, assignment as number[]);
}

function codingOf({ encodeUs, decodeUs }: CodecOption): number {
  return encodeUs + decodeUs;
}

/**
 * One route at a time to what is best with the others as they are, from the first option of each, until nothing changes. The period alone has
 * plateaus where two links are equally slow; the travel time leads across them.
 */
function descend(problem: CodecProblem): Assignment {
  const { routes } = problem;
  let best: number[] = routes.map(() => 0);
  const value = (assignment: Assignment): readonly [number, number] => {
    const costs = costsOf(problem, assignment);
    return [measure(problem, costs), costs.travelUs + costs.codingUs];
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const [index, { options }] of routes.entries()) {
      for (const option of options.keys()) {
        const other = best.with(index, option);
        const [mine, others] = [value(best), value(other)];
        if (others[0] > mine[0] || (others[0] === mine[0] && others[1] >= mine[1])) continue;
        best = other;
        changed = true;
      }
    }
  }
  return best;
}
