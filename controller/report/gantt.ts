/**
 * A schedule as a picture: time goes to the right; rows are processors and, where transfers occupy something, the pairs of processors between which
 * there are any.
 */
import type { Problem } from '../scheduler/dag/problem.ts';
import type { Schedule } from '../scheduler/dag/schedule.ts';
import { threeDigits } from '../text/format.ts';
import { transfersOf } from './schedule-report.ts';

interface Row {
  readonly name: string;
  readonly kind: 'tasks' | 'transfers';
  /** By their start. */
  readonly bars: readonly Bar[];
}

interface Bar {
  /** The task, or the one the data come from. */
  readonly task: number;
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

const FILL = { tasks: '█', transfers: '░' } as const;

/** For a terminal. A task is a bar with its number, where that fits; a transfer one with the number of the task whose data it carries. */
export function ganttText(problem: Problem, schedule: Schedule, columns: number): string[] {
  const rows = rowsOf(problem, schedule);
  const label = Math.max(...rows.map(({ name }) => name.length));
  const width = Math.max(10, columns - label - 2);
  const at = (time: number): number => (schedule.makespan === 0 ? 0 : Math.round((time / schedule.makespan) * width));
  const lines = rows.map(({ name, kind, bars }) => {
    const cells = new Array<string>(width).fill(' ');
    for (const bar of bars) {
      const [from, to] = [at(bar.from), at(bar.to)];
      const label = `▐${bar.task}`;
      const text = label.length <= to - from ? label : '▐';
      for (const [index, letter] of [...text.padEnd(to - from, FILL[kind])].slice(0, to - from).entries()) cells[from + index] = letter;
    }
    return `${name.padEnd(label)}  ${cells.join('').trimEnd()}`;
  });
  return [...lines, `${' '.repeat(label)}  0${threeDigits(schedule.makespan).padStart(width - 1)}`];
}

const ROW = 28;
const LEFT = 120;
const WIDTH = 1000;

/** A file that any browser shows; hovering over a task or a transfer tells its times. */
export function ganttSvg(problem: Problem, schedule: Schedule, title: string): string {
  const rows = rowsOf(problem, schedule);
  const scale = schedule.makespan === 0 ? 0 : WIDTH / schedule.makespan;
  const bars = rows.flatMap(({ name, kind, bars }, index) => [
    `<text x="${LEFT - 8}" y="${index * ROW + 48}" text-anchor="end">${escaped(name)}</text>`,
    ...bars.map(({ task, from, to, name: called }) => {
      const tip = `<title>${escaped(called)}: ${from} to ${to}</title>`;
      const [top, height] = kind === 'tasks' ? [32, ROW - 4] : [38, ROW - 16];
      const box = `x="${LEFT + from * scale}" y="${index * ROW + top}" width="${(to - from) * scale}" height="${height}"`;
      const text = `<text x="${LEFT + ((from + to) / 2) * scale}" y="${index * ROW + 48}" text-anchor="middle">${(to - from) * scale > 16 ? task : ''}</text>`;
      return `<g>${tip}<rect ${box} fill="hsl(${(task * 47) % 360} 60% 78%)" stroke="#555"/>${text}</g>`;
    }),
  ]);
  const height = rows.length * ROW + 60;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 20} ${height}" font-family="sans-serif" font-size="12">`,
    `<text x="${LEFT}" y="18" font-size="14">${escaped(title)}</text>`,
    ...bars,
    `<text x="${LEFT}" y="${height - 8}">0</text><text x="${LEFT + WIDTH}" y="${height - 8}" text-anchor="end">${threeDigits(schedule.makespan)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function rowsOf(problem: Problem, schedule: Schedule): readonly Row[] {
  const { instance, processors } = problem;
  const { processor, start, finish } = schedule;
  const names = instance.processorNames ?? Array.from({ length: processors }, (_, p) => `p${p}`);
  const called = (task: number): string => instance.taskNames?.[task] ?? String(task);
  const tasks = names.map((name, p): Row => {
    const own = [...processor.keys()].filter((task) => processor[task] === p).sort((a, b) => start[a]! - start[b]!);
    return { name, kind: 'tasks', bars: own.map((task) => ({ task, from: start[task]!, to: finish[task]!, name: called(task) })) };
  });
  const between = Map.groupBy(transfersOf(problem, schedule), ({ source, target }) => source * processors + target);
  const transfers = [...between.keys()]
    .sort((a, b) => a - b)
    .map((pair): Row => {
      const bars = between.get(pair)!.map((each) => ({
        task: each.from,
        from: each.start,
        to: each.finish,
        name: `${called(each.from)} → ${called(each.to)}`,
      }));
      return { name: `${names[Math.floor(pair / processors)]!}→${names[pair % processors]!}`, kind: 'transfers', bars };
    });
  return [...tasks, ...transfers];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
