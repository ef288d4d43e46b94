/**
 * Why a stage process ended although nobody told it to, in words for a person.
 */

import { formatBytes } from '../../mesh/bytes.ts';
import { type ErrorCode, MeshError } from '../../mesh/error.ts';
import { EXIT_NO_GROUP } from '../cgroup/launcher.ts';

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Processes of its group that the kernel killed for lack of memory. */
  readonly oomKills: number;
  readonly memoryLimitBytes: number | undefined;
  /** The end of what it wrote to stderr. */
  readonly lastWords: string;
}

export function exitReason(end: ProcessEnd): MeshError {
  const [code, what] = classify(end);
  const words = lastLine(end.lastWords);
  return new MeshError(code, words === '' ? what : `${what}; its last words: ${words}`);
}

function classify({ exitCode, signal, oomKills, memoryLimitBytes, lastWords }: ProcessEnd): readonly [ErrorCode, string] {
  if (oomKills > 0) {
    const limit = memoryLimitBytes === undefined ? '' : ` (its limit is ${formatBytes(memoryLimitBytes)})`;
    return ['exhausted', `the stage was killed because it ran out of memory${limit}`];
  }
  if (lastWords.includes('JavaScript heap out of memory')) return ['exhausted', 'the stage ran out of JavaScript heap'];
  if (signal === 'SIGKILL')
    return ['failed', 'the stage was killed by SIGKILL (by a person, or by the system because it ran out of memory)'];
  if (signal !== null) return ['failed', `the stage crashed with ${signal}`];
  if (exitCode === EXIT_NO_GROUP) return ['denied', 'the stage could not enter its cgroup'];
  return ['failed', `the stage ended unexpectedly with exit code ${exitCode}`];
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').trim().slice(0, 200);
}
