/**
 * What a run's measurements say about codecs: of each route and codec the size and times of recent frames, of each stage its compute time.
 *
 *     link rows   (producer)  raw and wire bytes, encode, how long the route was occupied
 *     stage rows  (consumer)  decode, all routes of a frame together: shared out by raw bytes, once it is known how each route carried it
 *
 * Medians of the last few: content and speed move, and single frames are noisy.
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { LinkMeasurement, StageMeasurement } from '../../mesh/measurement.ts';
import { carrier } from '../../mesh/turns.ts';
import { routesInto } from '../../partition/flow/plan-shape.ts';
import type { Plan } from '../../partition/plan.ts';
import type { MeasuredRows } from '../store/records.ts';

/** Medians over so many of the last frames. */
const RECENT_FRAMES = 32;
/** The speed of a link is that of so many of its last frames. */
const RECENT_OCCUPATIONS = 64;
/** Frames whose decode time waits for word of how they travelled, and the other way round; batches of producer and consumer come apart. */
const WAITING_FRAMES_MAX = 2048;

export interface CodecSample {
  readonly frames: number;
  readonly rawBytes: number;
  readonly wireBytes: number;
  readonly encodeUs: number;
  /** Undefined: nobody measured it, as at the sink. */
  readonly decodeUs: number | undefined;
}

export interface Occupation {
  readonly wireBytes: number;
  readonly us: number;
}

class Recent {
  #values: number[] = [];

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > 2 * RECENT_FRAMES) this.#values = this.#values.slice(-RECENT_FRAMES);
  }

  get median(): number | undefined {
    return medianOf(this.#values.slice(-RECENT_FRAMES));
  }
}

function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

class Sampling {
  frames = 0;
  readonly rawBytes = new Recent();
  readonly wireBytes = new Recent();
  readonly encodeUs = new Recent();
  readonly decodeUs = new Recent();
}

/** Consumer stage → its routes. */
type RoutesInto = ReadonlyMap<string, readonly { readonly from: string; readonly carries: (frame: FrameId) => boolean }[]>;

export class Observations {
  #routes: RoutesInto = new Map();
  readonly #samples = new Map<string, Map<string, Sampling>>();
  readonly #computeUs = new Map<string, Recent>();
  /** Route → its last frames. */
  readonly #occupations = new Map<string, readonly Occupation[]>();
  /** Route → frame → how it travelled. */
  readonly #travelled = new Map<string, Map<FrameId, { readonly codec: string; readonly rawBytes: number }>>();
  /** Stage → frame → decode time not attributed yet. */
  readonly #decodes = new Map<string, Map<FrameId, number>>();

  constructor(plan: Plan) {
    this.follow(plan);
  }

  /** Frames go this way from now on. What codecs do stays true; how fast links and devices are has to be seen anew. */
  follow(plan: Plan): void {
    this.#routes = new Map(
      plan.stages.map(({ id }) => [id, routesInto(plan, id).map(({ from, turns }) => ({ from, carries: carrier(turns) }))]),
    );
    this.#occupations.clear();
    this.#computeUs.clear();
  }

  add({ stages, links }: Pick<MeasuredRows, 'stages' | 'links'>): void {
    for (const row of links) this.#addLink(row);
    for (const row of stages) this.#addStage(row);
  }

  /** Codec → what it does on this route; codecs that no frame travelled with are missing. */
  ofRoute(from: string, to: string): ReadonlyMap<string, CodecSample> {
    const samples = this.#samples.get(routeOf(from, to)) ?? new Map<string, Sampling>();
    return new Map(
      [...samples].map(([codec, { frames, rawBytes, wireBytes, encodeUs, decodeUs }]) => [
        codec,
        {
          frames,
          rawBytes: rawBytes.median!,
          wireBytes: wireBytes.median!,
          encodeUs: encodeUs.median!,
          decodeUs: decodeUs.median,
        },
      ]),
    );
  }

  /**
   * Lately, of all frames of a route: bytes on the wire, and how long they kept the route from others, microseconds. Added up, because where
   * frames queue it is by chance whose time a delay counts for.
   */
  occupation(from: string, to: string): Occupation {
    const recent = this.#occupations.get(routeOf(from, to)) ?? [];
    return recent.reduce((sum, { wireBytes, us }) => ({ wireBytes: sum.wireBytes + wireBytes, us: sum.us + us }), { wireBytes: 0, us: 0 });
  }

  /** Inside the session's run call; undefined before the first frame. */
  computeUs(stage: string): number | undefined {
    return this.#computeUs.get(stage)?.median;
  }

  #addLink({ from, to, frame, rawBytes, wireBytes, encodeUs, occupiedUs, codec: travelled }: LinkMeasurement): void {
    // What chunks fell back to costs and gains what it does because this codec was asked for.
    const codec = travelled.split('+')[0]!;
    const route = routeOf(from, to);
    const sampling = entry(
      entry(this.#samples, route, () => new Map<string, Sampling>()),
      codec,
      () => new Sampling(),
    );
    sampling.frames += 1;
    sampling.rawBytes.add(rawBytes);
    sampling.wireBytes.add(wireBytes);
    sampling.encodeUs.add(encodeUs);
    // A frame that travels alone occupies the route while it is encoded, too; that is not the link's doing.
    const us = Math.max(occupiedUs - encodeUs, occupiedUs / 4);
    this.#occupations.set(route, [...(this.#occupations.get(route) ?? []), { wireBytes, us }].slice(-RECENT_OCCUPATIONS));
    if (!this.#routes.has(to)) return;
    remember(
      entry(this.#travelled, route, () => new Map()),
      frame,
      { codec, rawBytes },
    );
    this.#attribute(to, frame);
  }

  #addStage({ stage, frame, computeUs, decodeUs }: StageMeasurement): void {
    // The last of a plan that is over come when the next one has begun.
    if (!this.#routes.has(stage)) return;
    entry(this.#computeUs, stage, () => new Recent()).add(computeUs);
    remember(
      entry(this.#decodes, stage, () => new Map<FrameId, number>()),
      frame,
      decodeUs,
    );
    this.#attribute(stage, frame);
  }

  /** Once all routes that carry the frame have told, and the stage. */
  #attribute(stage: string, frame: FrameId): void {
    const decodes = this.#decodes.get(stage);
    const decodeUs = decodes?.get(frame);
    if (decodeUs === undefined) return;
    const routes = this.#routes.get(stage)!.filter(({ carries }) => carries(frame));
    const came = routes.flatMap(({ from }) => {
      const travelled = this.#travelled.get(routeOf(from, stage))?.get(frame);
      return travelled === undefined ? [] : [{ from, ...travelled }];
    });
    if (came.length < routes.length) return;
    const bytes = came.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
    for (const { from, codec, rawBytes } of came) {
      const part = bytes === 0 ? 1 / came.length : rawBytes / bytes;
      this.#samples
        .get(routeOf(from, stage))!
        .get(codec)!
        .decodeUs.add(decodeUs * part);
      this.#travelled.get(routeOf(from, stage))!.delete(frame);
    }
    decodes!.delete(frame);
  }
}

function routeOf(from: string, to: string): string {
  return `${from} ${to}`;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

/** The oldest are forgotten: what they wait for got lost. */
function remember<V>(map: Map<FrameId, V>, frame: FrameId, value: V): void {
  map.set(frame, value);
  if (map.size > WAITING_FRAMES_MAX) map.delete(map.keys().next().value!);
}
