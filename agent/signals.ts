/**
 * When the agent is asked to stop: by SIGTERM or SIGINT, a second one to hurry, or by the end of its standard input. Once disposed of, signals
 * have their usual effect again and nothing is read any more.
 */
export interface StopRequests extends Disposable {
  /** What asked first. */
  readonly first: Promise<string>;
  /** Aborts when asked again. */
  readonly second: AbortSignal;
}

/** `stdin`: given when its end means stop. */
export function whenAskedToStop(
  signals: Pick<NodeJS.Process, 'on' | 'removeListener'>,
  stdin: NodeJS.ReadStream | undefined,
): StopRequests {
  const first = Promise.withResolvers<string>();
  const second = new AbortController();
  let asked = false;
  const ask = (how: string): void => {
    if (asked) second.abort();
    asked = true;
    first.resolve(how);
  };
  const onSigterm = (): void => ask('SIGTERM');
  const onSigint = (): void => ask('SIGINT');
  const onEnd = (): void => ask('stdin closed');
  signals.on('SIGTERM', onSigterm);
  signals.on('SIGINT', onSigint);
  // Without a reader the end is never noticed.
  stdin?.once('close', onEnd).resume();
  return {
    first: first.promise,
    second: second.signal,
    [Symbol.dispose]: () => {
      signals.removeListener('SIGTERM', onSigterm);
      signals.removeListener('SIGINT', onSigint);
      stdin?.removeListener('close', onEnd);
      stdin?.destroy();
    },
  };
}
