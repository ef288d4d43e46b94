/**
 * One self-contained page with plots by Chart.js, which the page carries. Nothing is fetched, and the page itself forbids the browser to (its
 * Content-Security-Policy).
 *
 *     head, style │ header, main: text and canvases │ data as JSON │ Chart.js │ a script that draws
 */
import { chartLibrary } from './chart-library.ts';
import { html, scriptJson } from './html-text.ts';
import { sweepStyle } from './sweep-style.ts';

export interface PageFrame {
  readonly title: string;
  /** Markup. */
  readonly header: string;
  /** Markup. */
  readonly main: string;
  /** The text of the element `data`, as JSON. */
  readonly data: unknown;
  /** Made of functions of ours, as their own source. */
  readonly script: string;
}

export function pageFrame({ title, header, main, data, script }: PageFrame): string {
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
<script>${script}</script>
</body>
</html>
`;
}
