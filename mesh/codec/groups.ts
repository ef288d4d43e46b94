/**
 * Which values of a chunk share a grid when they are quantised: those of a channel.
 *
 *     [N, C, H, W]   a channel: H × W values next to each other           │ channel 0 │ channel 1 │ …
 *     [N, T, C]      a token's C values, or a channel's over all tokens    decided by their ranges, chunk by chunk
 *     [C]            all
 *
 * A chunk begins anywhere: `head` values belong to a channel that began before. Channels of a few values go together, because each group
 * costs 4 bytes.
 */
import type { ChunkLayout } from '../codec.ts';

/** A group with fewer values would pay more than half a bit per value for its table, after compression. */
const GROUP_MIN = 32;

export interface Groups {
  /** Values of a group. */
  readonly group: number;
  /** Values of the first group, when it is shorter; 0: it is not. */
  readonly head: number;
  /** The chunk is rows of so many values, whose columns may be the better groups. */
  readonly columns?: number;
}

/** For a chunk of `count` > 0 values. */
export function groupsOf({ dims, first }: ChunkLayout, count: number): Groups {
  if (dims.length < 2) return { group: count, head: 0 };
  const perRow = dims.length < 4 ? dims.at(-1)! : dims.slice(2).reduce((product, dim) => product * dim, 1);
  const row = Math.max(1, perRow);
  const group = row * Math.ceil(GROUP_MIN / row);
  const head = (group - (first % group)) % group;
  return dims.length < 4 ? { group, head, columns: row } : { group, head };
}
