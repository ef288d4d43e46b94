/**
 * Time as a port: what waits in the run's and the agent's logic waits here, so that a simulation can run the same logic in virtual time.
 *
 *     now()            milliseconds, monotonic
 *     after(ms, then)  calls back once, never before `ms` have passed and never within the call itself
 *
 * `main.ts` makes the real one; `test/sim` has one whose hours take milliseconds.
 */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly after: (ms: number, then: () => void) => Timer;
}

export interface Timer {
  /** `then` is not called any more. Idempotent. */
  cancel(): void;
}

/** The machine's own timers beside its clock. */
export function clockOf(now: () => number): Clock {
  return {
    now,
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

/** Calls back again and again, `ms` after the call before, until it is cancelled. */
export function every(clock: Clock, ms: number, then: () => void): Timer {
  let cancelled = false;
  const again = (): Timer =>
    clock.after(ms, () => {
      timer = again();
      if (!cancelled) then();
    });
  let timer = again();
  return {
    cancel: () => {
      cancelled = true;
      timer.cancel();
    },
  };
}

/** Resolves after `ms`; rejects with the signal's reason if that comes first. Nothing stays behind. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      timer.cancel();
      reject(signal!.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Aborted after `ms` with `reason`, unless it is cancelled before: `AbortSignal.timeout` by this clock. */
export function expiry(clock: Clock, ms: number, reason: unknown): { readonly signal: AbortSignal } & Timer {
  const abort = new AbortController();
  const timer = clock.after(ms, () => abort.abort(reason));
  return { signal: abort.signal, cancel: () => timer.cancel() };
}
