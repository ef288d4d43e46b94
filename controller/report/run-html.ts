/**
 * A run as one self-contained HTML page: the tables, and how latency went from frame to frame. No script, nothing fetched.
 */
import { html } from './html-text.ts';
import type { RunReport } from './run-report.ts';
import { runText } from './run-text.ts';

const WIDTH = 800;
const HEIGHT = 180;
/** `latenciesMs`: the largest of each of many groups of frames, in the order in which they arrived. */
export function runHtml(report: RunReport, latenciesMs: readonly number[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${html(report.model)}, run ${html(report.run)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; background: #fff }
  pre { font-size: 13px; overflow-x: auto; background: #f4f6f8; padding: 1rem; border-radius: 6px }
  svg { width: 100%; height: auto; background: #f4f6f8; border-radius: 6px }
  polyline { fill: none; stroke: #1769aa; stroke-width: 1 }
  @media (prefers-color-scheme: dark) { body { color: #dde3ea; background: #12161c } pre, svg { background: #1c232c } polyline { stroke: #6db3f2 } }
</style>
</head>
<body>
<h1>${html(report.model)}</h1>
<pre>${html(runText(report, 100))}</pre>
<h2>Latency from frame to frame</h2>
${chart(latenciesMs)}
<p>0 to ${report.latencyMs === null ? '?' : report.latencyMs.max.toFixed(2)} ms, frame 0 to ${Math.max(0, report.frames.received - 1)}.
Every frame with every stage and link is in frames.csv; the numbers above are in report.json.</p>
</body>
</html>
`;
}

function chart(values: readonly number[]): string {
  const top = Math.max(...values, Number.MIN_VALUE);
  const points = values.map((value, index) => {
    const x = values.length === 1 ? 0 : (index / (values.length - 1)) * WIDTH;
    return `${x.toFixed(1)},${(HEIGHT - (value / top) * (HEIGHT - 10)).toFixed(1)}`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="latency per frame"><polyline points="${points.join(' ')}"/></svg>`;
}
