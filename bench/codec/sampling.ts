/**
 * How a time is taken here: whole passes over the data until enough time has gone by; a sample is the CPU time of this thread that one pass took,
 * which other work on the machine disturbs less than the wall clock. The native driver does the same. Quoted are medians of samples.
 */

/** Nanoseconds of one pass, the mean of as many as fit into `ms`, at least one. */
export function sampleNs(ms: number, pass: () => void): number {
  const endMs = performance.now() + ms;
  const begin = cpuUs();
  let passes = 0;
  for (; passes === 0 || performance.now() < endMs; passes += 1) pass();
  return ((cpuUs() - begin) * 1000) / passes;
}

/** The same of a pass that is waited for. */
export async function sampleAsyncNs(ms: number, pass: () => Promise<void>): Promise<number> {
  const endMs = performance.now() + ms;
  const begin = cpuUs();
  let passes = 0;
  for (; passes === 0 || performance.now() < endMs; passes += 1) await pass();
  return ((cpuUs() - begin) * 1000) / passes;
}

function cpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Pieces as the mesh sends them. */
export function piecesOf(bytes: Uint8Array<ArrayBuffer>, pieceBytes: number): readonly Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: Math.ceil(bytes.byteLength / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
}

export function megabytesPerSecond(bytes: number, ns: number): number {
  return (bytes / ns) * 1000;
}
