/**
 * How a time is taken here: whole passes over the data until enough time has gone by; a sample is the CPU time of this thread that one pass took,
 * which other work on the machine disturbs less than the wall clock. The native driver does the same. Quoted are medians of samples.
 */

/** The kernel counts a running thread's CPU time in ticks of up to 4 ms; shorter samples are taken from the wall clock. */
const CPU_TIME_MS_MIN = 40;

/** Nanoseconds of one pass, the mean of as many as fit into `ms`, at least one. */
export function sampleNs(ms: number, pass: () => void): number {
  const begin = startMs(ms);
  let passes = 0;
  for (; passes === 0 || performance.now() < begin.endMs; passes += 1) pass();
  return (passedMs(begin) * 1e6) / passes;
}

/** The same of a pass that is waited for. */
export async function sampleAsyncNs(ms: number, pass: () => Promise<void>): Promise<number> {
  const begin = startMs(ms);
  let passes = 0;
  for (; passes === 0 || performance.now() < begin.endMs; passes += 1) await pass();
  return (passedMs(begin) * 1e6) / passes;
}

interface Start {
  readonly endMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

function startMs(ms: number): Start {
  const cpu = cpuMs();
  const wallMs = performance.now();
  return { endMs: wallMs + ms, wallMs, cpuMs: cpu };
}

function passedMs({ endMs, wallMs, cpuMs: begin }: Start): number {
  const passed = performance.now() - wallMs;
  return endMs - wallMs < CPU_TIME_MS_MIN ? passed : cpuMs() - begin;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
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
