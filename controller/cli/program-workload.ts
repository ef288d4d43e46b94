/** A program as the workload of `controller bench run`: what stands behind `--`, the files that come along, its environment. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type CommandWorkload, checkEnvironmentName } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { hashFile } from '../../mesh/files/sha256.ts';
import type { PreparedWorkload } from '../bench/infer-workload.ts';
import { asked } from './usage.ts';

export const programKinds = { with: 'text', env: 'text' } as const;

/** `words`: before and behind `--`; `behind`: undefined without one. Error `usage` when that is no program, or not only. */
export function programOf(words: readonly string[], behind: readonly string[] | undefined): readonly string[] {
  const program = behind ?? [];
  const [stray] = words.slice(0, words.length - program.length);
  if (stray !== undefined) {
    throw new MeshError('usage', `"${stray}" was not expected here`, {
      hint: `a program stands behind --: controller bench run -- ${words.join(' ')}`,
    });
  }
  if (program.length > 0) return program;
  throw new MeshError('usage', 'what is to be measured?', {
    hint: 'controller bench run --model MODEL, or controller bench run -- PROGRAM',
  });
}

/** `files`, `env`: with commas between them. Error `usage` for a file that is not there, and for what is no variable. */
export async function programWorkload(
  argv: readonly string[],
  files: string | undefined,
  env: string | undefined,
  signal: AbortSignal,
): Promise<PreparedWorkload<CommandWorkload>> {
  const paths = new Map<Blob, string>();
  const named = new Map<string, Blob>();
  for (const path of listed(files)) {
    await asked(() => checkFile(path));
    const blob = await hashFile(path, { signal });
    if (named.has(basename(path))) throw new MeshError('usage', `--with: two files are called ${basename(path)}`);
    named.set(basename(path), blob);
    paths.set(blob, path);
  }
  const variables = await Promise.all(listed(env).map((pair) => asked(() => variableOf(pair))));
  return { workload: { kind: 'command', argv, env: Object.fromEntries(variables), files: named }, title: argv.join(' '), paths };
}

function variableOf(pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new MeshError('usage', `--env: "${pair}" is not NAME=VALUE`);
  checkEnvironmentName(pair.slice(0, at));
  return [pair.slice(0, at), pair.slice(at + 1)];
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: Error) => {
    throw new MeshError('not-found', `--with: ${path} can't be read: ${error.message}`, { cause: error });
  });
  if (!found.isFile()) throw new MeshError('invalid', `--with: ${path} is no file`);
}

function listed(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').filter((part) => part !== '');
}
