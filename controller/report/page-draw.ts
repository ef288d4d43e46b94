/** Draws the page of a sweep: at once, and again when another row is chosen or the colour scheme changes. Runs in the browser: see page-data.ts. */
import type { barConfig } from './page-bars.ts';
import type { courseConfigs } from './page-course.ts';
import type { Browser, ChartLibrary, PageData } from './page-data.ts';
import type { pageKit } from './page-kit.ts';
import type { limitConfig } from './page-limit.ts';
import type { curveConfig, phaseConfig } from './page-training.ts';

/** The other functions, which the page has beside this one. */
export interface PageParts {
  readonly pageKit: typeof pageKit;
  readonly limitConfig: typeof limitConfig;
  readonly barConfig: typeof barConfig;
  readonly courseConfigs: typeof courseConfigs;
  readonly phaseConfig: typeof phaseConfig;
  readonly curveConfig: typeof curveConfig;
}

export function drawPage(Chart: ChartLibrary, data: PageData, browser: Browser, parts: PageParts): void {
  const dark = browser.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map<string, { destroy(): void }>();
  const chosen = browser.document.getElementById('row');

  function draw(id: string, config: object): void {
    const canvas = browser.document.getElementById(id);
    if (canvas === null) return;
    drawn.get(id)?.destroy();
    drawn.set(id, new Chart(canvas, config));
  }

  function drawCourse(): void {
    const series = data.series.find(({ row }) => row === Number(chosen?.value));
    if (series === undefined) return;
    for (const [id, config] of Object.entries(parts.courseConfigs(series, parts.pageKit(dark.matches)))) draw(id, config);
  }

  function drawAll(): void {
    const kit = parts.pageKit(dark.matches);
    Object.assign(Chart.defaults, { color: kit.ink, borderColor: kit.grid, animation: false, maintainAspectRatio: false });
    Object.assign(Chart.defaults.font, { family: 'system-ui, sans-serif', size: 12.5 });
    for (const plot of data.plots) draw(`plot-${plot.id}`, parts.limitConfig(plot, data, kit));
    if (data.phases !== null) draw('plot-phases', parts.phaseConfig(data.phases, kit));
    for (const curve of data.curves) draw(curve.id, parts.curveConfig(curve, data.rows, kit));
    draw('plot-minimum', parts.barConfig(data, kit));
    drawCourse();
  }

  dark.addEventListener('change', drawAll);
  chosen?.addEventListener('change', drawCourse);
  drawAll();
}
