/**
 * Loads a system as a scenario says, and measures.
 *
 *     due ──── waits ────┬──── computes ────┐          server: from when it was due, also when that was before the one before it was done
 *     ▲                  issued             done       else: from when it was issued
 *
 * The system computes one query at a time, as a device with one session does: what comes meanwhile waits here.
 */
import type { Random } from '../random.ts';
import { estimatePercentile, overlatencyAllowed, queriesNeeded } from './early-stopping.ts';
import { Latencies } from './latencies.ts';
import type { LoadResult, LoadSettings, LoadTools, Scenario, System } from './scenario.ts';

export function runLoad(settings: LoadSettings, system: System, tools: LoadTools): Promise<LoadResult> {
  const { scenario } = settings;
  switch (scenario.kind) {
    case 'single-stream':
      return stream(settings, 1, system, tools);
    case 'multi-stream':
      return stream(settings, scenario.samplesPerQuery, system, tools);
    case 'server':
      return server(settings, scenario, system, tools);
    case 'offline':
      return offline(settings, scenario.samplesPerCall, system, tools);
  }
}

/** The next query when the one before is done. */
async function stream(settings: LoadSettings, samplesPerQuery: number, system: System, tools: LoadTools): Promise<LoadResult> {
  const { percentile, durationMsMin, durationMsMax } = settings;
  const { now, progress } = tools;
  const queriesMin = Math.max(settings.queriesMin, queriesNeeded(1, percentile));
  const latencies = new Latencies();
  const startMs = now();
  let issuedMs = startMs;
  for (;;) {
    await system(samplesPerQuery);
    const doneMs = now();
    latencies.add(doneMs - issuedMs);
    // The end of one is the beginning of the next: what happens between them is time, too.
    issuedMs = doneMs;
    const elapsedMs = doneMs - startMs;
    progress({ queries: latencies.count, elapsedMs });
    if ((elapsedMs >= durationMsMin && latencies.count >= queriesMin) || elapsedMs >= durationMsMax) break;
  }
  const durationMs = issuedMs - startMs;
  const invalid = tooLittle(durationMs, durationMsMin, latencies.count, queriesMin, 'queries');
  return resultOf({ latencies, samplesPerQuery, durationMs, estimateMs: estimateOf(latencies, percentile), invalid });
}

/** Queries come as they like. */
async function server(
  settings: LoadSettings,
  { queriesPerS, boundMs }: Extract<Scenario, { kind: 'server' }>,
  system: System,
  tools: LoadTools,
): Promise<LoadResult> {
  const { percentile, durationMsMin, durationMsMax, queriesMin } = settings;
  const { now, waitUntil, progress, random } = tools;
  const latencies = new Latencies();
  const startMs = now();
  let overlatency = 0;
  /** Before so many it need not be looked whether they are enough. */
  let needed = queriesMin;
  /** Of the next query. */
  let dueMs = startMs;
  let endMs = startMs;
  for (;;) {
    if (now() < dueMs) await waitUntil(Math.min(dueMs, startMs + durationMsMax));
    if (dueMs > startMs + durationMsMax) {
      endMs = now();
      break;
    }
    await system(1);
    endMs = now();
    const latencyMs = endMs - dueMs;
    latencies.add(latencyMs);
    if (latencyMs > boundMs) overlatency += 1;
    const elapsedMs = endMs - startMs;
    progress({ queries: latencies.count, elapsedMs });
    if (elapsedMs >= durationMsMax) break;
    if (dueMs - startMs >= durationMsMin && latencies.count >= needed) {
      needed = queriesNeeded(overlatency, percentile);
      if (latencies.count >= needed) break;
    }
    dueMs += exponential(random) * (1000 / queriesPerS);
  }
  const durationMs = endMs - startMs;
  const invalid = tooLittle(dueMs - startMs, durationMsMin, latencies.count, queriesMin, 'queries');
  const allowed = overlatencyAllowed(latencies.count, percentile);
  if (allowed === undefined || overlatency > allowed) {
    const bound = `${overlatency} of ${latencies.count} queries took longer than ${boundMs} ms`;
    invalid.push(
      `${bound}; for p${percentile * 100} within it ${allowed ?? 'more queries'} ${allowed === undefined ? 'are needed' : 'may'}`,
    );
  }
  return resultOf({ latencies, samplesPerQuery: 1, durationMs, estimateMs: estimateOf(latencies, percentile), invalid, overlatency });
}

/** One query of as many samples as the time needs, in calls of as many as the system takes at once. */
async function offline(settings: LoadSettings, samplesPerCall: number, system: System, tools: LoadTools): Promise<LoadResult> {
  const { durationMsMin, durationMsMax, queriesMin: samplesMin } = settings;
  const { now, progress } = tools;
  const startMs = now();
  let samples = 0;
  let elapsedMs = 0;
  do {
    await system(samplesPerCall);
    samples += samplesPerCall;
    elapsedMs = now() - startMs;
    progress({ queries: samples / samplesPerCall, elapsedMs });
  } while ((elapsedMs < durationMsMin || samples < samplesMin) && elapsedMs < durationMsMax);
  const latencies = new Latencies();
  latencies.add(elapsedMs);
  const invalid = tooLittle(elapsedMs, durationMsMin, samples, samplesMin, 'samples');
  return resultOf({ latencies, samplesPerQuery: samples, durationMs: elapsedMs, estimateMs: undefined, invalid });
}

/** With mean 1: times between arrivals that know nothing of each other. */
export function exponential(random: Random): number {
  return -Math.log1p(-random.next());
}

function estimateOf(latencies: Latencies, percentile: number): number | undefined {
  return estimatePercentile(latencies.ascending(), percentile).value;
}

function tooLittle(tookMs: number, durationMsMin: number, count: number, countMin: number, what: string): string[] {
  return [
    ...(tookMs < durationMsMin ? [`it took ${Math.round(tookMs)} ms of at least ${durationMsMin} ms`] : []),
    ...(count < countMin ? [`${count} of at least ${countMin} ${what}`] : []),
  ];
}

function resultOf(
  parts: Pick<LoadResult, 'latencies' | 'durationMs' | 'estimateMs' | 'invalid'> & { samplesPerQuery: number; overlatency?: number },
): LoadResult {
  const { latencies, durationMs, estimateMs, invalid, samplesPerQuery, overlatency } = parts;
  const samples = latencies.count * samplesPerQuery;
  return {
    queries: latencies.count,
    samples,
    durationMs,
    latencies,
    samplesPerS: (samples * 1000) / durationMs,
    estimateMs,
    overlatency,
    invalid,
  };
}
