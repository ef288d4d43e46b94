/**
 * Draws the page of executions: at once, and again when other runs are chosen, the colour scheme changes or it is printed. Runs in the browser: see
 * page-data.ts.
 */
import type { ChartLibrary, PrintingBrowser } from './page-data.ts';
import type { pageKit } from './page-kit.ts';
import type { runCourseConfigs } from './page-task.ts';
import type { curveConfig } from './page-training.ts';
import type { TaskPlots } from './task-plots.ts';

/** The other functions, which the page has beside this one. */
export interface TaskParts {
  readonly pageKit: typeof pageKit;
  readonly runCourseConfigs: typeof runCourseConfigs;
  readonly curveConfig: typeof curveConfig;
}

export function drawTask(Chart: ChartLibrary, data: TaskPlots, browser: PrintingBrowser, parts: TaskParts): void {
  const dark = browser.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map<string, { destroy(): void }>();
  const chosen = browser.document.getElementById('course');

  function draw(id: string, config: object): void {
    const canvas = browser.document.getElementById(id);
    if (canvas === null) return;
    drawn.get(id)?.destroy();
    drawn.set(id, new Chart(canvas, config));
  }

  /** 0: all of them. */
  function drawCourses(isDark: boolean): void {
    const one = data.courses[Number(chosen?.value ?? 0) - 1];
    const shown = one === undefined ? data.courses : [one];
    if (shown.length === 0) return;
    const configs = parts.runCourseConfigs(shown, data.subjects, parts.pageKit(isDark));
    for (const [id, config] of Object.entries(configs)) draw(id, config);
  }

  function drawAll(isDark: boolean): void {
    const kit = parts.pageKit(isDark);
    Object.assign(Chart.defaults, { color: kit.ink, borderColor: kit.grid, animation: false, maintainAspectRatio: false });
    Object.assign(Chart.defaults.font, { family: 'system-ui, sans-serif', size: 12.5 });
    for (const curve of data.curves) draw(curve.id, parts.curveConfig(curve, data.rows, kit));
    drawCourses(isDark);
  }

  dark.addEventListener('change', () => drawAll(dark.matches));
  chosen?.addEventListener('change', () => drawCourses(dark.matches));
  // Paper is white, and has another width.
  browser.addEventListener('beforeprint', () => drawAll(false));
  browser.addEventListener('afterprint', () => drawAll(dark.matches));
  drawAll(dark.matches);
}
