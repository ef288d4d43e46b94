/** A schedule as a picture: rows are processors, time goes to the right. */
import type { Problem } from '../scheduler/dag/problem.ts';
import type { Schedule } from '../scheduler/dag/schedule.ts';
import { threeDigits } from '../text/format.ts';

/** For a terminal. A task is a bar with its number, where that fits. */
export function ganttText(problem: Problem, schedule: Schedule, columns: number): string[] {
  const names = processorNames(problem);
  const label = Math.max(...names.map((name) => name.length));
  const width = Math.max(10, columns - label - 2);
  const at = (time: number): number => (schedule.makespan === 0 ? 0 : Math.round((time / schedule.makespan) * width));
  const rows = names.map((name, p) => {
    const cells = new Array<string>(width).fill(' ');
    for (const task of tasksOn(schedule, p)) {
      const [from, to] = [at(schedule.start[task]!), at(schedule.finish[task]!)];
      const label = `▐${task}`;
      const text = label.length <= to - from ? label : '▐';
      for (const [index, letter] of [...text.padEnd(to - from, '█')].slice(0, to - from).entries()) cells[from + index] = letter;
    }
    return `${name.padEnd(label)}  ${cells.join('').trimEnd()}`;
  });
  return [...rows, `${' '.repeat(label)}  0${threeDigits(schedule.makespan).padStart(width - 1)}`];
}

const ROW = 28;
const LEFT = 120;
const WIDTH = 1000;

/** A file that any browser shows; hovering over a task tells its times. */
export function ganttSvg(problem: Problem, schedule: Schedule, title: string): string {
  const names = processorNames(problem);
  const scale = schedule.makespan === 0 ? 0 : WIDTH / schedule.makespan;
  const bars = names.flatMap((name, p) => [
    `<text x="${LEFT - 8}" y="${p * ROW + 48}" text-anchor="end">${escaped(name)}</text>`,
    ...tasksOn(schedule, p).map((task) => {
      const [from, to] = [schedule.start[task]!, schedule.finish[task]!];
      const called = problem.instance.taskNames?.[task] ?? String(task);
      const tip = `<title>${escaped(called)}: ${from} to ${to}</title>`;
      const box = `x="${LEFT + from * scale}" y="${p * ROW + 32}" width="${(to - from) * scale}" height="${ROW - 4}"`;
      const text = `<text x="${LEFT + ((from + to) / 2) * scale}" y="${p * ROW + 48}" text-anchor="middle">${(to - from) * scale > 16 ? task : ''}</text>`;
      return `<g>${tip}<rect ${box} fill="hsl(${(task * 47) % 360} 60% 78%)" stroke="#555"/>${text}</g>`;
    }),
  ]);
  const height = names.length * ROW + 60;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 20} ${height}" font-family="sans-serif" font-size="12">`,
    `<text x="${LEFT}" y="18" font-size="14">${escaped(title)}</text>`,
    ...bars,
    `<text x="${LEFT}" y="${height - 8}">0</text><text x="${LEFT + WIDTH}" y="${height - 8}" text-anchor="end">${threeDigits(schedule.makespan)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function processorNames({ instance, processors }: Problem): readonly string[] {
  return instance.processorNames ?? Array.from({ length: processors }, (_, p) => `p${p}`);
}

/** By their start. */
function tasksOn({ processor, start }: Schedule, p: number): number[] {
  return [...processor.keys()].filter((task) => processor[task] === p).sort((a, b) => start[a]! - start[b]!);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
