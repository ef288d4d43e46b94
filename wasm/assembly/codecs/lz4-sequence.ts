/**
 * One sequence of the LZ4 format (lz4-compress.ts): literals, then a match. For the compressors that decide before they write.
 *
 *     anchor ───── literals ───── start ───── match ───── end        ─▶  token │ literals │ distance │ lengths
 */
import { copy16, copyExact } from '../copy';
import { putLength } from './lz4-compress';

/** The distance, and what follows the last match at least: a token and five literals. They leave room for the lengths' last bytes too. */
const REST: usize = 2 + 1 + 5;

/**
 * Writes the literals [anchor, start) and the match [start, end), at least 4 bytes that lie `distance` further in front. Returns where the next
 * sequence goes, 0 when it would not end before `limit`. The source has 12 bytes after `start`.
 */
export function putSequence(out: usize, limit: usize, anchor: usize, start: usize, end: usize, distance: usize): usize {
  const literals = start - anchor;
  const more = end - start - 4;
  const token = out++;
  if (out + literals + literals / 255 + more / 255 + REST > limit) return 0;
  if (literals >= 15) out = putLength(out, literals - 15);
  // Eight bytes from the anchor on are there even without literals, sixteen are not.
  if (literals <= 8 && out + 8 <= limit) store<u64>(out, load<u64>(anchor));
  else if (literals <= 16 && literals >= 4 && out + 16 <= limit) copy16(out, anchor);
  else copyExact(out, anchor, literals);
  out += literals;
  store<u16>(out, <u16>distance);
  out += 2;
  if (more >= 15) out = putLength(out, more - 15);
  store<u8>(token, <u8>(((literals < 15 ? literals : 15) << 4) + (more < 15 ? more : 15)));
  return out;
}
