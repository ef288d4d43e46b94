/** How a time is taken here: whole passes over the data until enough time has gone by, the mean of them is one sample; quoted are medians of samples. */

/** Nanoseconds of one pass, the mean of as many as fit into `ms`, at least one. */
export function sampleNs(ms: number, pass: () => void): number {
  const begin = performance.now();
  let end = begin;
  let passes = 0;
  for (; passes === 0 || end - begin < ms; end = performance.now()) {
    pass();
    passes += 1;
  }
  return ((end - begin) * 1e6) / passes;
}

/** The same of a pass that is waited for. */
export async function sampleAsyncNs(ms: number, pass: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  let end = begin;
  let passes = 0;
  for (; passes === 0 || end - begin < ms; end = performance.now()) {
    await pass();
    passes += 1;
  }
  return ((end - begin) * 1e6) / passes;
}

/** Pieces as the mesh sends them. */
export function piecesOf(bytes: Uint8Array<ArrayBuffer>, pieceBytes: number): readonly Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: Math.ceil(bytes.byteLength / pieceBytes) }, (_, at) => bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes));
}

export function megabytesPerSecond(bytes: number, ns: number): number {
  return (bytes / ns) * 1000;
}
