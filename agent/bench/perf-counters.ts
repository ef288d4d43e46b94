/**
 * CPU cycles and instructions of a process and of all it starts from now on, counted by the CPU itself. Asked for through the program `perf`, which runs
 * beside the process, outside of its control group:
 *
 *     attach ──▶ perf stat --pid PID, counting nothing ──"enable"──▶ perf      perf ──"ack"──▶ the process may go on
 *     stop ────▶ SIGINT ──▶ its numbers on stderr
 *
 * Many virtual machines and small boards have no such counters, and many devices no perf (or one before 5.10, without --control): then there are none.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export interface CycleCounts {
  readonly cycles?: number;
  readonly instructions?: number;
}

export interface PerfCounters {
  /** Ends perf. Idempotent. */
  stop(): Promise<CycleCounts>;
}

const EVENTS = ['stat', '-x,', '-e', 'cycles,instructions'];
/** In the numbers of other languages there are blanks and commas. `env` becomes the program that it starts. */
const IN_C = 'LC_ALL=C';
const PROBE_TIMEOUT_MS = 5_000;
const ATTACH_TIMEOUT_MS = 2_000;
const STOP_TIMEOUT_MS = 2_000;

/** Counts from before the promise is resolved; the caller holds the process until then. Undefined: perf is not there, may not, or counts nothing. */
export type AttachPerf = (pid: number) => Promise<PerfCounters | undefined>;

/** Tries once whether the program counts anything here, and remembers. */
export function perfOf(program: string): AttachPerf {
  let works: Promise<boolean> | undefined;
  return async (pid) => {
    works ??= probe(program);
    return (await works) ? attach(program, pid) : undefined;
  };
}

/** With the `perf` of this device. */
export const attachPerf: AttachPerf = perfOf('perf');

async function probe(program: string): Promise<boolean> {
  const said = await new Promise<string>((resolve) => {
    const options = { timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
    execFile('env', [IN_C, program, ...EVENTS, '--', 'true'], options, (error, _, stderr) => resolve(error === null ? stderr : ''));
  });
  return Object.keys(parsePerf(said)).length > 0;
}

async function attach(program: string, pid: number): Promise<PerfCounters | undefined> {
  const perf = spawn('env', [IN_C, program, ...EVENTS, '--delay', '-1', '--control', 'fd:3,4', '--pid', `${pid}`], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    perf.once('error', () => resolve());
    perf.once('close', () => resolve());
  });
  // Not even its pipes could be made.
  if (perf.pid === undefined) {
    await ended;
    return undefined;
  }
  let said = '';
  perf.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const stop = async (): Promise<CycleCounts> => {
    await end(perf, ended);
    return parsePerf(said);
  };
  if (await enable(perf, ended)) return { stop };
  await stop();
  return undefined;
}

/** Whether perf says that it counts. */
async function enable(perf: ChildProcess, ended: Promise<void>): Promise<boolean> {
  const [control, acknowledged] = [perf.stdio[3] as Writable, perf.stdio[4] as Readable];
  // Perf may end before it reads or after it has answered; then `ended` says so.
  for (const pipe of [control, acknowledged]) pipe.on('error', () => {});
  control.write('enable\n');
  const patience = AbortSignal.timeout(ATTACH_TIMEOUT_MS);
  const answer = once(acknowledged, 'data', { signal: patience }).then(
    () => true,
    () => false,
  );
  return Promise.race([answer, ended.then(() => false)]);
}

/** When the process has ended perf has, too, or soon does. */
async function end(perf: ChildProcess, ended: Promise<void>): Promise<void> {
  perf.kill('SIGINT');
  const timer = setTimeout(() => perf.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** Lines such as `123456,,cycles:u,1000,100.00,,`; a CPU with two kinds of cores says cpu_core/cycles/ and cpu_atom/cycles/. What was not counted is absent. */
export function parsePerf(text: string): CycleCounts {
  const sums: { cycles?: number; instructions?: number } = {};
  for (const line of text.split('\n')) {
    const [value, , event] = line.split(',');
    const name = /(?:^|\/)(cycles|instructions)(?:[:/]|$)/.exec(event ?? '')?.[1] as keyof CycleCounts | undefined;
    if (name === undefined || value === undefined || !/^\d+$/.test(value)) continue;
    sums[name] = (sums[name] ?? 0) + Number(value);
  }
  return sums;
}
