/**
 * One self-contained page with plots by Chart.js, which the page carries. Nothing is fetched, and the page itself forbids the browser to (its
 * Content-Security-Policy).
 *
 *     head, style │ header, main: text and canvases │ data as JSON │ Chart.js │ drawPage with the functions it uses, as their own source
 */
import { chartLibrary } from './chart-library.ts';
import { html, scriptJson } from './html-text.ts';
import { barConfig } from './page-bars.ts';
import { courseConfigs } from './page-course.ts';
import type { PageData } from './page-data.ts';
import { drawPage } from './page-draw.ts';
import { pageKit } from './page-kit.ts';
import { limitConfig } from './page-limit.ts';
import { curveConfig, phaseConfig } from './page-training.ts';
import type { Fact } from './sweep-environment.ts';
import { sweepStyle } from './sweep-style.ts';

export interface PlotPage {
  readonly title: string;
  /** Markup. */
  readonly header: string;
  /** Markup. */
  readonly main: string;
  readonly data: PageData;
}

export function plotPage({ title, header, main, data }: PlotPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${html(title)}</title>
<style>${sweepStyle}</style>
<noscript><style>.needs-script { display: none }</style></noscript>
</head>
<body>
<header>
<h1>${html(title)}</h1>
${header}
</header>
<main>
${main}
</main>
<noscript><p>Plots need JavaScript; all numbers are in the tables.</p></noscript>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${chartLibrary()}</script>
<script>(${drawPage})(Chart, JSON.parse(document.getElementById('data').textContent), window, {
pageKit: ${pageKit},
limitConfig: ${limitConfig},
barConfig: ${barConfig},
courseConfigs: ${courseConfigs},
phaseConfig: ${phaseConfig},
curveConfig: ${curveConfig} });</script>
</body>
</html>
`;
}

/** Pixels: a plot, and each lane below it. */
const PLOT_HEIGHT = 330;
const LANE_HEIGHT = 26;

/** Of a plot of `lanes`. */
export function plotHeight(lanes: number): number {
  return PLOT_HEIGHT + LANE_HEIGHT * lanes;
}

/** Of `count` bars. */
export function barsHeight(count: number): number {
  return 70 + 48 * count;
}

/** `spoken`: for who does not see it. */
export function canvas(id: string, height: number, spoken: string): string {
  return `<div class="plot" style="height: ${height}px"><canvas id="${id}" role="img" aria-label="${html(spoken)}">${html(spoken)}</canvas></div>`;
}

export function pairs(facts: readonly Fact[]): string {
  return `<dl>${facts.map(([title, text]) => `<dt>${html(title)}</dt><dd>${html(text)}</dd>`).join('\n')}</dl>`;
}

/** A table that scrolls in itself. */
export function scrolled(label: string, table: string): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="${html(label)}">${table}</div>`;
}
