/**
 * What the host of activations.wasm calls. Functions take addresses and lengths in bytes; the memory from `heapBase` on belongs to the host,
 * which lays it out and grows it.
 */
export const heapBase: usize = __heap_base;
