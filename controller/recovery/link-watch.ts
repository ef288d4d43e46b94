/**
 * How fast the links of a run are, from what its frames took on them.
 *
 *     pi1 → pi2   ms per byte   ▂▂▂▂▂▂▂▂▂▂▂▂▂▂│▇▇▇▇▇▇▇▇▇▇    its last frames together
 *                                   best ──┘        └── now: collapsed
 *     pi3 → pi2   no frames  ──▶  as links usually are, but not faster than either end has been seen
 *
 * What a link usually does is the median of what links did at their best: one that has collapsed says nothing of links elsewhere. But one of its ends
 * is to blame. The sender is, at first (radios send worse than they receive): what it would send to others is as slow. When several send slowly to
 * the same receiver it is the receiver. And when all links of a device are slow, so is the next. A link that no frame travels any more is known for some
 * minutes, so that nobody goes back at once; then it is forgotten, because it may be good again.
 */
import { median } from '../../mesh/ranked.ts';

/** One frame on its way from one device to another, or from the source, or to the sink. */
export interface Travelled {
  readonly rawBytes: number;
  /** As they were sent. */
  readonly wireBytes: number;
  /** In which no other frame of its route could travel, milliseconds. */
  readonly occupiedMs: number;
}

/** Bytes per millisecond. */
export interface LinkSpeed {
  readonly raw: number;
  readonly wire: number;
}

/** Smaller frames are all latency, and keep nobody waiting. */
export const LARGE_BYTES_MIN = 8 * 1024;

/** Added up, because where frames queue it is by chance whose time a delay counts for. */
const RECENT_FRAMES = 32;
/** Fewer say nothing: the first on a new stream is slow. */
const FRAMES_MIN = 4;
const FORGET_MS = 5 * 60_000;
/** Of what links usually do. */
const SLOW = 0.5;

interface Link {
  readonly recent: Travelled[];
  best: number;
  seenMs: number;
}

/** A link with its speed, wire bytes per millisecond. */
interface Known {
  readonly from: string;
  readonly to: string;
  readonly speed: number;
}

export class LinkWatch {
  /** From → to → link. */
  readonly #links = new Map<string, Map<string, Link>>();

  travelled(from: string, to: string, frame: Travelled, nowMs: number): void {
    if (frame.rawBytes < LARGE_BYTES_MIN || frame.occupiedMs <= 0) return;
    const links = this.#links.get(from) ?? new Map<string, Link>();
    this.#links.set(from, links);
    const link = links.get(to) ?? { recent: [], best: 0, seenMs: nowMs };
    // What it was minutes ago, before others went this way, is over.
    if (nowMs - link.seenMs > FORGET_MS) link.recent.length = 0;
    links.set(to, link);
    link.recent.push(frame);
    if (link.recent.length > RECENT_FRAMES) link.recent.shift();
    link.seenMs = nowMs;
    link.best = Math.max(link.best, speedOf(link)?.wire ?? 0);
  }

  /** Measured; undefined: nobody knows. */
  speed(from: string, to: string, nowMs: number): LinkSpeed | undefined {
    const link = this.#links.get(from)?.get(to);
    return link === undefined || nowMs - link.seenMs > FORGET_MS ? undefined : speedOf(link);
  }

  /** Wire bytes per millisecond: measured, else what is likely. Undefined: nothing was ever measured. */
  estimate(from: string, to: string, nowMs: number): number | undefined {
    const measured = this.speed(from, to, nowMs)?.wire;
    if (measured !== undefined) return measured;
    const bests = this.#all().flatMap(({ link }) => (link.best > 0 ? [link.best] : []));
    if (bests.length === 0) return undefined;
    const usual = median(bests);
    const known = this.#all().flatMap((link): Known[] => {
      const speed = this.speed(link.from, link.to, nowMs)?.wire;
      return speed === undefined ? [] : [{ ...link, speed }];
    });
    const blamed = (end: string): boolean => fastest(severalInto(end, known)) < SLOW * usual;
    const out = known.filter((link) => link.from === from && !blamed(link.to));
    const at = (end: string): Known[] => known.filter((link) => link.to === end || (link.from === end && !blamed(link.to)));
    return Math.min(usual, fastest(out), fastest(at(from)), fastest(severalInto(to, known)), fastest(at(to)));
  }

  #all(): { readonly from: string; readonly to: string; readonly link: Link }[] {
    return [...this.#links].flatMap(([from, links]) => [...links].map(([to, link]) => ({ from, to, link })));
  }
}

/** What is known of a receiver by more than one sender. */
function severalInto(end: string, known: readonly Known[]): readonly Known[] {
  const into = known.filter(({ to }) => to === end);
  return into.length > 1 ? into : [];
}

/** Infinity when there are none. */
function fastest(links: readonly Known[]): number {
  return Math.max(...links.map(({ speed }) => speed), links.length === 0 ? Number.POSITIVE_INFINITY : 0);
}

function speedOf({ recent }: Link): LinkSpeed | undefined {
  if (recent.length < FRAMES_MIN) return undefined;
  const sum = (of: (frame: Travelled) => number): number => recent.reduce((total, frame) => total + of(frame), 0);
  const ms = sum(({ occupiedMs }) => occupiedMs);
  return { raw: sum(({ rawBytes }) => rawBytes) / ms, wire: sum(({ wireBytes }) => wireBytes) / ms };
}
