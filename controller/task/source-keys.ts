/** What kept files are called by in a stored descriptor, and what history calls a combination. */
import type { SourceLocation } from '../descriptor/source-location.ts';
import type { Task } from './task.ts';

/** As the descriptor says it. */
export function sourceKey(from: SourceLocation): string {
  return from.kind === 'file' ? `file ${from.path}` : `url ${from.url}`;
}

/** `model`: as the descriptor says it. `name`: of one of its files, relative to it. */
export function modelFileKey(model: string, name: string): string {
  return `model ${model} ${name}`;
}

/** Files of a model that were kept: by name. */
export function modelFiles(sources: Readonly<Record<string, string>>, model: string): Map<string, string> {
  const begin = modelFileKey(model, '');
  return new Map(
    Object.entries(sources).flatMap(([key, sha256]) => (key.startsWith(begin) ? [[key.slice(begin.length), sha256] as const] : [])),
  );
}

/** `resnet18[threads=2,memory=64MiB]`: combinations of a sweep have histories of their own. */
export function benchmarkName(taskName: string, assignment: Task['assignment']): string {
  const pairs = Object.entries(assignment).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? taskName : `${taskName}[${pairs.join(',')}]`;
}
