/** The page of a sweep, or of several: a page-frame whose script is drawPage with the functions it uses, as their own source. */
import { html } from './html-text.ts';
import { barConfig } from './page-bars.ts';
import { courseConfigs } from './page-course.ts';
import type { PageData } from './page-data.ts';
import { drawPage } from './page-draw.ts';
import { pageFrame } from './page-frame.ts';
import { pageKit } from './page-kit.ts';
import { limitConfig } from './page-limit.ts';
import { curveConfig, phaseConfig } from './page-training.ts';
import type { Fact } from './sweep-environment.ts';

export interface PlotPage {
  readonly title: string;
  /** Markup. */
  readonly header: string;
  /** Markup. */
  readonly main: string;
  readonly data: PageData;
}

export function plotPage({ title, header, main, data }: PlotPage): string {
  const script = `(${drawPage})(Chart, JSON.parse(document.getElementById('data').textContent), window, {
pageKit: ${pageKit},
limitConfig: ${limitConfig},
barConfig: ${barConfig},
courseConfigs: ${courseConfigs},
phaseConfig: ${phaseConfig},
curveConfig: ${curveConfig} });`;
  return pageFrame({ title, header, main, data, script });
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
