/**
 * House rules that compilers and linters cannot see, checked on every file that git tracks or would track:
 *
 *     node tools/tidy.ts [FOLDER]      prints `file:line: what is wrong`, exit code 1 when anything is
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules, type SourceFile } from './tidy-rules.ts';

const folder = process.argv[2] ?? '.';
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z', '--deduplicate'], {
  cwd: folder,
  encoding: 'utf8',
});

let problems = 0;
for (const path of listed.split('\0').filter(Boolean).sort()) {
  const file = read(path);
  if (file === undefined) continue;
  for (const rule of rules) {
    for (const { line, message } of rule(file)) {
      problems++;
      console.log(`${path}:${line}: ${message}`);
    }
  }
}
process.exitCode = problems === 0 ? 0 : 1;

/** Undefined for a file that was deleted but is still in the index. */
function read(path: string): SourceFile | undefined {
  try {
    return { path, text: readFileSync(join(folder, path), 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
