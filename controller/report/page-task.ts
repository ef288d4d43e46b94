/** Chart.js's configurations of the courses of runs, one beside the other or one by itself. Runs in the browser: see page-data.ts. */
import type { PageKit } from './page-kit.ts';
import type { RunCourse } from './task-plots.ts';

/** By the id of their canvas. `courses`: those that are shown. */
export function runCourseConfigs(courses: readonly RunCourse[], subjects: readonly string[], kit: PageKit): Record<string, object> {
  const alone = courses.length === 1;
  const several = subjects.length > 1;
  const colourOf = (subject: number, place: number): string => kit.colourOf(several ? subject : place);
  const last = Math.max(0, ...courses.map(({ s }) => s.at(-1) ?? 0));

  function line(label: string, course: RunCourse, values: readonly number[], style: object): object {
    return {
      ...{ label, data: values.map((y, index) => ({ x: course.s[index], y })), borderWidth: alone ? 1.8 : 1.4 },
      ...{ pointRadius: values.length === 1 ? 2 : 0, pointHitRadius: 4, pointStyle: 'line', inLegend: 'line', ...style },
    };
  }

  /** More names than that would be larger than the plot. */
  const named = !several && courses.length <= 6;

  /** One line for each run. Of several subjects the legend has one name for each, and a click hides all its runs. */
  function lines(of: (course: RunCourse) => readonly number[]): object[] {
    return courses.map((course, index) => {
      const { subject, place, label } = course;
      const first = courses.findIndex((each) => each.subject === subject) === index;
      const name = several ? subjects[subject]! : `each of ${courses.length} runs`;
      const legend = alone || named ? { inLegend: 'line' } : first ? { inLegend: 'line', legendText: name } : { inLegend: undefined };
      const dash = kit.dashOf(several ? subject : place);
      return line(label, course, of(course), {
        borderColor: colourOf(subject, place),
        borderDash: dash,
        ...legend,
        ...(named || alone ? {} : { group: subject }),
      });
    });
  }

  /** Each height once, however many runs have it. */
  function limits(of: (course: RunCourse) => number | null, unit: string): object[] {
    return [...new Set(courses.map(of))].flatMap((value) =>
      value === null
        ? []
        : [
            {
              ...{ label: `limit, ${kit.digits(value)} ${unit}`, data: [0, last].map((x) => ({ x, y: value })), borderColor: kit.ink },
              ...{ borderDash: [3, 4], borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0, pointStyle: 'line', inLegend: 'line' },
            },
          ],
    );
  }

  interface Drawn {
    readonly ctx: {
      font: string;
      fillStyle: string;
      strokeStyle: string;
      textBaseline: string;
      textAlign: string;
      globalAlpha: number;
      lineWidth: number;
      save(): void;
      restore(): void;
      beginPath(): void;
      moveTo(x: number, y: number): void;
      lineTo(x: number, y: number): void;
      stroke(): void;
      setLineDash(dash: readonly number[]): void;
      fillRect(x: number, y: number, width: number, height: number): void;
      fillText(text: string, x: number, y: number): void;
      measureText(text: string): { readonly width: number };
    };
    readonly chartArea: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
    readonly scales: { readonly x: { getPixelForValue(value: number): number } };
  }

  // Of one run all phases, every second one shaded; of several those of the first run of each, a row of names for each.
  const marked = courses.filter((course, index) => courses.findIndex(({ subject }) => subject === course.subject) === index).slice(0, 3);
  const phases = {
    id: 'phases',
    beforeDatasetsDraw: ({ ctx, chartArea: { left, right, top, bottom }, scales }: Drawn) => {
      ctx.save();
      Object.assign(ctx, { font: '11.5px system-ui, sans-serif', textBaseline: 'top', textAlign: 'left', lineWidth: 1 });
      const at = (value: number): number => Math.min(right, Math.max(left, scales.x.getPixelForValue(value)));
      for (const [row, course] of marked.entries()) {
        const colour = marked.length > 1 ? colourOf(course.subject, course.place) : kit.ink;
        // Names of one run have a second row, where they would lie upon each other.
        const free = marked.length === 1 ? [left, left] : [left];
        for (const [index, { name, fromS, toS }] of course.phases.entries()) {
          const [from, to] = [at(fromS), at(toS)];
          ctx.fillStyle = kit.faint;
          ctx.globalAlpha = 0.1;
          if (marked.length === 1 && index % 2 === 0) ctx.fillRect(from, top, Math.max(1, to - from), bottom - top);
          ctx.globalAlpha = 0.6;
          ctx.strokeStyle = colour;
          ctx.setLineDash([2, 3]);
          ctx.beginPath();
          ctx.moveTo(from, top);
          ctx.lineTo(from, bottom);
          ctx.stroke();
          ctx.globalAlpha = 1;
          ctx.fillStyle = colour;
          const { width } = ctx.measureText(name);
          const begin = Math.min(from + 3, right - width);
          const below = free.findIndex((end) => begin >= end);
          if (below < 0) continue;
          ctx.fillText(name, begin, top + 2 + 13 * (row + below));
          free[below] = begin + width + 6;
        }
      }
      ctx.restore();
    },
  };

  function course(yTitle: string, datasets: object[], most?: number): object {
    return {
      type: 'line',
      data: { datasets },
      options: {
        interaction: { mode: alone ? 'index' : 'nearest', intersect: false },
        scales: {
          x: {
            ...{ type: 'linear', min: 0, max: last, title: { display: true, text: 'time since its start (s)' } },
            ticks: { maxRotation: 0, includeBounds: false },
          },
          // Room for the names of phases.
          y: {
            min: 0,
            // Above a hundred per cent there are only names of phases.
            ...(most === undefined ? {} : { ticks: { stepSize: 20, callback: (value: number) => (value > 100 ? '' : value) } }),
            ...(most === undefined ? { grace: `${8 + 5 * Math.max(2, marked.length)}%` } : { max: most }),
            title: { display: true, text: yTitle },
          },
        },
        plugins: {
          legend: kit.legend(),
          tooltip: {
            callbacks: {
              title: ([item]: readonly { readonly parsed: { readonly x: number } }[]) => `${kit.digits(item?.parsed.x ?? 0)} s`,
            },
          },
        },
      },
      plugins: [phases],
    };
  }

  // Of the time that it wanted to run in.
  const throttled = ({ cpuCores, throttledCores }: RunCourse): number[] =>
    throttledCores.map((kept, index) => (kept + cpuCores[index]! <= 0 ? 0 : (100 * kept) / (kept + cpuCores[index]!)));
  const only = courses[0];
  const total =
    alone && only !== undefined
      ? [line('all, with page cache', only, only.totalMiB, { borderColor: kit.colourOf(1), borderDash: [7, 4] })]
      : [];
  return {
    'run-memory': course('memory (MiB)', [...lines(({ memoryMiB }) => memoryMiB), ...total, ...limits(({ limitMiB }) => limitMiB, 'MiB')]),
    'run-swap': course(
      'swap (MiB)',
      lines(({ swapMiB }) => swapMiB),
    ),
    'run-cpu': course('CPU (cores used)', [...lines(({ cpuCores }) => cpuCores), ...limits(({ limitCores }) => limitCores, 'cores')]),
    'run-throttled': course('throttled (%)', lines(throttled), 118),
    'run-faults': course(
      'major page faults (1/s)',
      lines(({ faultsPerS }) => faultsPerS),
    ),
  };
}
