/** Shows a file to the person with whatever their desktop opens such files with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** Of Linux desktops, then of macOS. */
const PROGRAMS = ['xdg-open', 'open'] as const;

/** It hands the file on and ends, or fails at once; one that goes on is the viewer itself. */
const FAILS_WITHIN_MS = 1_500;

/** Undefined: it was opened. Otherwise why not, for a person. */
export async function openFile(path: string, env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    const child = spawn(program, [path], { detached: true, stdio: 'ignore', env });
    try {
      await once(child, 'spawn');
    } catch {
      continue;
    }
    child.unref();
    const code = await failure(child);
    return code === undefined ? undefined : `${program} ended with code ${code}`;
  }
  return `neither ${PROGRAMS.join(' nor ')} is installed`;
}

/** Undefined: none so far. */
async function failure(child: ChildProcess): Promise<number | undefined> {
  const waiting = new AbortController();
  const ended = once(child, 'exit', { signal: waiting.signal }).then(([code]) => (code === 0 ? undefined : (code as number)));
  try {
    return await Promise.race([ended, pause(FAILS_WITHIN_MS, undefined, { signal: waiting.signal })]);
  } finally {
    waiting.abort();
    ended.catch(() => undefined);
  }
}
