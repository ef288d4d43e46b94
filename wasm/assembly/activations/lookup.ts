/**
 * Lane tables: where the non-zero lanes of a vector go when they are moved together, and back.
 *
 *     mask 0b1010   pack    lanes 1 and 3 move to 0 and 1        abcd ─▶ bd··
 *                   spread  lanes 0 and 1 move to 1 and 3        bd·· ─▶ 0b0d
 *
 * Entries are byte indices for `i8x16.swizzle`; an index of 0x80 gives zero. Lanes of 1 and 2 bytes come eight at a time, lanes of 4 bytes four
 * at a time. See Lemire, Kurz and Rupp, "Stream VByte: faster byte-oriented integer compression", 2018, for the technique.
 */

/** 256 entries of 8 bytes. */
export const pack1: usize = memory.data(256 * 8, 16);
export const spread1: usize = memory.data(256 * 8, 16);
/** 256 entries of 16 bytes. */
export const pack2: usize = memory.data(256 * 16, 16);
export const spread2: usize = memory.data(256 * 16, 16);
/** 16 entries of 16 bytes. */
export const pack4: usize = memory.data(16 * 16, 16);
export const spread4: usize = memory.data(16 * 16, 16);

const NONE: u8 = 0x80;

/** Fills the tables; the host calls it once, before anything else. */
export function fillTables(): void {
  fill(pack1, spread1, 8, 1);
  fill(pack2, spread2, 8, 2);
  fill(pack4, spread4, 4, 4);
}

function fill(pack: usize, spread: usize, lanes: i32, laneBytes: i32): void {
  const entryBytes = lanes * laneBytes;
  for (let mask = 0; mask < 1 << lanes; mask++) {
    const to = pack + mask * entryBytes;
    const from = spread + mask * entryBytes;
    memory.fill(to, NONE, entryBytes);
    memory.fill(from, NONE, entryBytes);
    let rank = 0;
    for (let lane = 0; lane < lanes; lane++) {
      if (((mask >> lane) & 1) === 0) continue;
      for (let byte = 0; byte < laneBytes; byte++) {
        store<u8>(to + rank * laneBytes + byte, u8(lane * laneBytes + byte));
        store<u8>(from + lane * laneBytes + byte, u8(rank * laneBytes + byte));
      }
      rank++;
    }
  }
}
