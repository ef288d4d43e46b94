/** Draws the page of a history: at once, and again when the colour scheme changes or it is printed. Runs in the browser: see page-data.ts. */
import type { ChartLibrary, PrintingBrowser } from './page-data.ts';
import type { HistoryPage, historyConfig } from './page-history.ts';
import type { pageKit } from './page-kit.ts';

/** The other functions, which the page has beside this one. */
export interface HistoryParts {
  readonly pageKit: typeof pageKit;
  readonly historyConfig: typeof historyConfig;
}

export function drawHistory(Chart: ChartLibrary, data: HistoryPage, browser: PrintingBrowser, parts: HistoryParts): void {
  const dark = browser.matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map<string, { destroy(): void }>();

  function drawAll(isDark: boolean): void {
    const kit = parts.pageKit(isDark);
    Object.assign(Chart.defaults, { color: kit.ink, borderColor: kit.grid, animation: false, maintainAspectRatio: false });
    Object.assign(Chart.defaults.font, { family: 'system-ui, sans-serif', size: 12.5 });
    for (const plot of data.plots) {
      const canvas = browser.document.getElementById(plot.id);
      if (canvas === null) continue;
      drawn.get(plot.id)?.destroy();
      drawn.set(plot.id, new Chart(canvas, parts.historyConfig(plot, data, kit)));
    }
  }

  dark.addEventListener('change', () => drawAll(dark.matches));
  // Paper is white, and has another width.
  browser.addEventListener('beforeprint', () => drawAll(false));
  browser.addEventListener('afterprint', () => drawAll(dark.matches));
  drawAll(dark.matches);
}
