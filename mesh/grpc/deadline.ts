/**
 * gRPC has deadlines as moments of the wall clock, and sends what is left of them as a duration; we think in durations. This is the one
 * place where one becomes the other, and the only reason for a library file to look at the clock.
 */

/** For the options of a call: it has this long. */
export function deadlineIn(timeoutMs: number): number {
  return Date.now() + timeoutMs;
}

/** Milliseconds left of a call's deadline; infinite without one. */
export function remainingMs(deadline: Date | number): number {
  return Number(deadline) - Date.now();
}
