/** A run frame by frame: one line per frame, columns per stage and link, for a spreadsheet or a script. */
import type { MeasuredRows } from '../store/records.ts';

/** With a header and a line break at the end; what was not measured is empty. */
export function framesCsv({ frames, stages, links }: MeasuredRows): string {
  const stageIds = [...new Set(stages.map((row) => row.stage))].sort(byName);
  const routes = [...new Set(links.map((row) => `${row.from}>${row.to}`))].sort(byName);
  const stageAt = new Map(stages.map((row) => [`${row.stage} ${row.frame}`, row]));
  const linkAt = new Map(links.map((row) => [`${row.from}>${row.to} ${row.frame}`, row]));
  const dropping = frames.some(({ index }) => index !== undefined);
  const head = [
    `frame,${dropping ? 'input,' : ''}start_ms,latency_ms`,
    ...stageIds.map((id) => ['queue', 'decode', 'compute', 'encode'].map((what) => `${id}_${what}_us`).join()),
    ...routes.map((route) => ['raw_bytes', 'wire_bytes', 'transfer_us', 'codec'].map((what) => `${route}_${what}`).join()),
  ];
  const lines = [...frames]
    .sort((a, b) => Number(a.frame - b.frame))
    .map(({ frame, index, startMs, latencyMs }) =>
      [
        `${frame},${dropping ? `${index},` : ''}${startMs.toFixed(3)},${latencyMs.toFixed(3)}`,
        ...stageIds.map((id) => {
          const row = stageAt.get(`${id} ${frame}`);
          return row === undefined ? ',,,' : [row.queueUs, row.decodeUs, row.computeUs, row.encodeUs].join();
        }),
        ...routes.map((route) => {
          const row = linkAt.get(`${route} ${frame}`);
          return row === undefined ? ',,,' : [row.rawBytes, row.wireBytes, Math.round(row.transferUs), row.codec].join();
        }),
      ].join(),
    );
  return `${[head.join(), ...lines].join('\n')}\n`;
}

/** Measurements arrive in any order; columns should not. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
