/**
 * When a server is ready: it is asked again and again, as whoever comes after it would.
 *
 *     GET, connect or a program ── no ──▶ a moment later again ── yes ──▶ ready        it ended, or took too long ──▶ why
 */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReadinessProbe } from '../../mesh/bench/order.ts';

const AGAIN_MS = 50;
/** One that accepts and stays silent is not ready, either. */
const ANSWER_MS = 2_000;

/** A program's exit code; null: it was ended. */
export type RunProgram = (argv: readonly string[], signal: AbortSignal) => Promise<number | null>;

/** Resolves when the server is ready; rejects with the signal's reason, whose message gains what the last answer was. */
export async function whenReady(probe: ReadinessProbe, program: RunProgram, signal: AbortSignal): Promise<void> {
  let last = 'nothing was asked yet';
  while (!signal.aborted) {
    const answer = await asked(probe, program, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]));
    if (answer === undefined) return;
    last = answer;
    await wait(AGAIN_MS, undefined, { signal }).catch(() => {});
  }
  throw new NotReadyError(last, signal.reason);
}

/** `answer`: the last one, for a person. `cause`: why it was not asked again. */
export class NotReadyError extends Error {
  readonly answer: string;

  constructor(answer: string, cause: unknown) {
    super(`not ready: ${answer}`, { cause });
    this.answer = answer;
  }
}

/** Undefined: it is ready. */
async function asked(probe: ReadinessProbe, program: RunProgram, signal: AbortSignal): Promise<string | undefined> {
  switch (probe.kind) {
    case 'http':
      return await askedHttp(probe.url, signal);
    case 'tcp':
      return await askedTcp(probe.port, signal);
    case 'command': {
      const code = await program(probe.argv, signal);
      return code === 0 ? undefined : `${probe.argv[0]} ended with ${code === null ? 'a signal' : `exit code ${code}`}`;
    }
  }
}

async function askedHttp(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    // Where it would lead to could be any other machine.
    const response = await fetch(url, { signal, redirect: 'manual' });
    await response.body?.cancel();
    return response.status < 400 ? undefined : `${url} answers with status ${response.status}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return `${url}: ${cause instanceof Error ? cause.message : message}`;
  }
}

function askedTcp(port: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (answer: string | undefined): void => {
      signal.removeEventListener('abort', tooLate);
      socket.destroy();
      resolve(answer);
    };
    const tooLate = (): void => done(`port ${port} does not answer`);
    socket.once('connect', () => done(undefined));
    socket.once('error', (error) => done(`port ${port}: ${error.message}`));
    signal.addEventListener('abort', tooLate, { once: true });
  });
}
