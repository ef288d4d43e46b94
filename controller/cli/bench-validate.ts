/** `controller bench validate FILE…`: all that can be found wrong with descriptors without a device. */
import { MeshError } from '../../mesh/error.ts';
import { benchmarkName } from '../task/source-keys.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { timeText } from './schedule-text.ts';
import { loadDescriptor } from './submit-task.ts';

const usage = 'controller bench validate FILE.toml…';

const help = `Looks for all that is wrong with descriptors of benchmarks, without a device: unknown keys, wrong types, what does not go together, schedules,
options of models. Says everything at once, with line numbers.

Usage: ${usage} [--json]

  --json   on stdout an array: file, problems, and of those that are good the tasks that each run of it has, and when it is due next

docs/descriptors.md describes them. An editor that reads docs/schema/descriptor.schema.json says most of it while you type.

Exit code: 0 all are good, 1 some are not, 2 usage.
`;

export const benchValidateCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench validate', argv, { json: 'flag' }, Number.POSITIVE_INFINITY);
    needed(positionals[0], 'the file to validate', usage);
    const found = [];
    for (const path of positionals) found.push(await validated(path, io.wallClock()));
    if (values.json === true) io.stdout(`${JSON.stringify(found, undefined, 2)}\n`);
    else for (const each of found) for (const line of linesOf(each)) (each.problems.length > 0 ? io.stderr : io.stdout)(`${line}\n`);
    return found.every(({ problems }) => problems.length === 0) ? 0 : 1;
  },
};

interface Validated {
  readonly file: string;
  /** A line for each. */
  readonly problems: readonly string[];
  /** As history will call them. */
  readonly tasks: readonly string[];
  /** Milliseconds since 1970; null: never by itself. */
  readonly nextMs: number | null;
}

async function validated(path: string, nowMs: number): Promise<Validated> {
  try {
    const { file } = await loadDescriptor(path);
    const tasks = file.combinations.map(({ assignment, descriptor }) => benchmarkName(descriptor.taskName, assignment));
    return { file: path, problems: [], tasks, nextMs: file.schedule?.next(nowMs) ?? null };
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'usage') throw error;
    return { file: path, problems: error.message.split('\n'), tasks: [], nextMs: null };
  }
}

function linesOf({ file, problems, tasks, nextMs }: Validated): readonly string[] {
  if (problems.length > 0) return problems;
  const next = nextMs === null ? '' : `, next at ${timeText(nextMs)}`;
  return [`${file}: good, ${tasks.length === 1 ? 'one task' : `${tasks.length} tasks`}${next}`];
}
