/** Draws the page of an evaluation: at once, and again when another result is chosen or the colour scheme changes. Runs in the browser: see page-data.ts. */
import type { EvaluationPlots } from './evaluation-plots.ts';
import type { Browser, ChartLibrary } from './page-data.ts';
import type { coverageConfig, errorConfig, histogramConfig, scatterConfig, shareConfig } from './page-evaluation.ts';
import type { pageKit } from './page-kit.ts';

/** The other functions, which the page has beside this one. */
export interface EvaluationParts {
  readonly pageKit: typeof pageKit;
  readonly errorConfig: typeof errorConfig;
  readonly coverageConfig: typeof coverageConfig;
  readonly scatterConfig: typeof scatterConfig;
  readonly histogramConfig: typeof histogramConfig;
  readonly shareConfig: typeof shareConfig;
}

export function drawEvaluation(Chart: ChartLibrary, data: EvaluationPlots, browser: Browser, parts: EvaluationParts): void {
  const dark = browser.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map<string, { destroy(): void }>();
  const chosen = browser.document.getElementById('view');

  function draw(id: string, config: object): void {
    const canvas = browser.document.getElementById(`plot-${id}`);
    if (canvas === null) return;
    drawn.get(id)?.destroy();
    drawn.set(id, new Chart(canvas, config));
  }

  function drawView(): void {
    const view = data.views[Number(chosen?.value)];
    if (view === undefined) return;
    const kit = parts.pageKit(dark.matches);
    const folds = view.folds.map(({ name, mape }) => ({ name, value: mape }));
    const importance = view.importance.map(({ name, share }) => ({ name, value: share }));
    draw('scatter', parts.scatterConfig(view, data, kit));
    draw('residuals', parts.histogramConfig(view, kit));
    draw('folds', parts.shareConfig(folds, { text: 'mean absolute error, %', mean: view.mape }, kit));
    draw('importance', parts.shareConfig(importance, { text: 'share, %', mean: null }, kit));
  }

  function drawAll(): void {
    const kit = parts.pageKit(dark.matches);
    Object.assign(Chart.defaults, { color: kit.ink, borderColor: kit.grid, animation: false, maintainAspectRatio: false });
    Object.assign(Chart.defaults.font, { family: 'system-ui, sans-serif', size: 12.5 });
    for (const plot of data.errors) draw(plot.id, parts.errorConfig(plot, kit));
    draw('coverage', parts.coverageConfig(data.coverage, kit));
    drawView();
  }

  dark.addEventListener('change', drawAll);
  chosen?.addEventListener('change', drawView);
  drawAll();
}
