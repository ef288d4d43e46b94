/** Sizes and times of file transfers, and why each has its value. */

/** Raw bytes per message. From 256 KiB to 1 MiB a pull is equally fast (bench/files); half a MiB keeps what is in flight small. */
export const CHUNK_BYTES = 512 * 1024;
/** The largest chunk that is accepted, or sent to a client that asks for larger ones; below the largest message with room for its head. */
export const CHUNK_BYTES_MAX = 4 * 1024 * 1024;
/** Chunks handed to a stream before the first is known to be out: keeps it busy, bounds what it buffers. */
export const CHUNKS_IN_FLIGHT = 4;
/** Nothing arrived for so long: the peer, or the way to it, is given up. Longer than an SD card sulks. */
export const IDLE_MS = 30_000;
/** How often an agent that makes a client wait says that it is alive. */
export const WAITING_BEAT_MS = 1_000;
/** How often an agent that fetches tells how far it is. */
export const PROGRESS_BEAT_MS = 250;
