/** `controller bench compare A B`: is B better or worse than A, by how much, and how sure is that? */
import { MeshError } from '../../mesh/error.ts';
import { Random } from '../../mesh/random.ts';
import { comparisonOf, comparisonText, type Side } from '../report/comparison.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { EXIT_ALARM } from './run-descriptor.ts';
import { tasksNamed } from './task-named.ts';
import { withTasks } from './task-tools.ts';

const usage = 'controller bench compare A B';

const help = `Compares what two tasks, or two benchmarks, measured: each metric that both have, by all values of all their repeats.

Usage: ${usage} [--metric NAME] [--json] [--data DIR]

  A, B           a task's or submission's name, the beginning of it, or "last"; or the name of a benchmark: all of its history
  --metric NAME  only this one
  --json         on stdout as JSON, with all values
  --data DIR     where everything is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

B is better or worse when the bootstrap interval (95 %) of the ratio of the medians excludes 1, Mann-Whitney's p is at most 0.05, and the medians
differ by 2 % at least; the same when the whole interval lies within 2 %; else nobody can tell, and how many values would is said. Of fewer than four
values on a side nothing is said: ml.repeat of a descriptor gives more. What was measured hours apart also differs by what the hours changed:
an alarm's confirmation measures in turns.

Exit code: 0, 2 usage, 3 something is worse.
`;

export const benchCompareCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench compare', argv, { metric: 'text', data: 'text', json: 'flag' }, 2);
    const a = needed(positionals[0], 'what is to be compared', usage);
    const b = needed(positionals[1], 'what it is to be compared with', usage);
    return await withTasks(values, io, async ({ tasks }) => {
      const [before, after] = [await sideOf(a, values.metric, tasks), await sideOf(b, values.metric, tasks)];
      const report = comparisonOf(before, after, new Random(0));
      if (report.rows.length === 0) {
        throw new MeshError(
          'usage',
          `${a} and ${b} have no metric in common${values.metric === undefined ? '' : ` called ${values.metric}`}`,
          {
            hint: `${metricsText(before)}; ${metricsText(after)}`,
          },
        );
      }
      io.stdout(values.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : comparisonText(report, io.tableColumns));
      return report.rows.some(({ comparison }) => comparison.verdict === 'worse') ? EXIT_ALARM : 0;
    });
  },
};

async function sideOf(name: string, metric: string | undefined, tasks: TaskStore): Promise<Side> {
  const all = await tasks.points({ benchmark: name });
  const found = all.length > 0 ? all : await ofTasks(name, tasks);
  const points = metric === undefined ? found : found.filter(({ series }) => series.metric === metric);
  return { name, points };
}

async function ofTasks(name: string, tasks: TaskStore) {
  const found = await tasksNamed(name, tasks);
  return (await Promise.all(found.map(({ task }) => tasks.points({ task })))).flat();
}

function metricsText({ name, points }: Side): string {
  const metrics = [...new Set(points.map(({ series }) => series.metric))];
  return `${name} has ${metrics.length === 0 ? 'none' : metrics.join(', ')}`;
}
