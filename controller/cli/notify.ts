/** Tells somebody that an alarm was raised, or is over: a program of this machine, which gets it as JSON on its standard input, or a web server, by POST. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Alerts } from '../descriptor/descriptor.ts';
import { type AlarmRecord, alarmText } from '../task/alarm-record.ts';

export type AlarmEvent = 'raised' | 'fixed';

/** Whoever is told may be slow, but not for ever. */
const PATIENCE_MS = 30_000;

/** `say`: that somebody could not be told. Never rejects: a broken webhook is no reason to lose a measurement. */
export async function notify(
  event: AlarmEvent,
  record: AlarmRecord,
  { command, webhook }: Pick<Alerts, 'command' | 'webhook'>,
  say: (message: string) => void,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const { alarm, series, unit, confirmation = null } = record;
  const body = JSON.stringify({ event, text: alarmText(record), ...alarm, series, unit, confirmation });
  const tell = async (whom: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      say(`warning: ${whom} could not be told of alarm ${alarm.id}: ${reasonOf(error as Error, patienceMs)}`);
    }
  };
  await Promise.all([
    ...(command === undefined ? [] : [tell(command[0]!, () => runProgram(command, body, patienceMs))]),
    ...(webhook === undefined ? [] : [tell(webhook, () => post(webhook, body, patienceMs))]),
  ]);
}

function reasonOf(error: Error, patienceMs: number): string {
  const { cause } = error;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `it took longer than ${patienceMs / 1000} s`;
  // Of what goes wrong on the way fetch says only that it failed.
  return cause instanceof Error ? cause.message : error.message;
}

async function runProgram([program, ...words]: readonly string[], body: string, patienceMs: number): Promise<void> {
  const child = spawn(program!, words, {
    stdio: ['pipe', 'ignore', 'inherit'],
    signal: AbortSignal.timeout(patienceMs),
    killSignal: 'SIGKILL',
  });
  // One that does not read is told by its start.
  child.stdin.on('error', () => {});
  child.stdin.end(`${body}\n`);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`it ended with ${signal ?? `exit code ${code}`}`);
}

async function post(url: string, body: string, patienceMs: number): Promise<void> {
  const response = await fetch(url, {
    ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
    signal: AbortSignal.timeout(patienceMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answers with status ${response.status}`);
}
