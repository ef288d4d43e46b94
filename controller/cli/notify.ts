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
): Promise<void> {
  const { alarm, series, unit, confirmation = null } = record;
  const body = JSON.stringify({ event, text: alarmText(record), ...alarm, series, unit, confirmation });
  const tell = async (whom: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      say(`warning: ${whom} could not be told of alarm ${alarm.id}: ${(error as Error).message}`);
    }
  };
  await Promise.all([
    ...(command === undefined ? [] : [tell(command[0]!, () => runProgram(command, body))]),
    ...(webhook === undefined ? [] : [tell(webhook, () => post(webhook, body))]),
  ]);
}

async function runProgram([program, ...words]: readonly string[], body: string): Promise<void> {
  const child = spawn(program!, words, {
    stdio: ['pipe', 'ignore', 'inherit'],
    signal: AbortSignal.timeout(PATIENCE_MS),
    killSignal: 'SIGKILL',
  });
  // One that does not read is told by its start.
  child.stdin.on('error', () => {});
  child.stdin.end(`${body}\n`);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`it ended with ${signal ?? `exit code ${code}`}`);
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answers with status ${response.status}`);
}
