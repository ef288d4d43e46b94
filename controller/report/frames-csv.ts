/** A run frame by frame: one line per frame, columns per stage and link, for a spreadsheet or a script. */
import type { MeasuredRows, RowColumns } from '../store/records.ts';
import type { RunStore } from '../store/store.ts';

/** So many frames are in memory at once. */
const CHUNK_FRAMES = 1000;

/** Of a stored run, in parts: with a header, each line with a line break at its end. What was not measured is empty. */
export async function* framesCsv(store: Pick<RunStore, 'columns' | 'rows'>, run: string): AsyncGenerator<string> {
  const columns = await store.columns(run);
  const stages = columns.stages.toSorted(byName);
  const routes = columns.routes.toSorted((a, b) => byName(routeOf(a), routeOf(b)));
  const sorted = { ...columns, stages, routes };
  yield csvHead(sorted);
  for (let first = 0; first < columns.frames; first += CHUNK_FRAMES) {
    yield csvLines(await store.rows(run, { first, end: first + CHUNK_FRAMES }), sorted);
  }
}

function csvHead({ stages, routes, dropping }: RowColumns): string {
  const head = [
    `frame,${dropping ? 'input,' : ''}start_ms,latency_ms`,
    ...stages.map((id) => ['queue', 'decode', 'compute', 'encode'].map((what) => `${id}_${what}_us`).join()),
    ...routes.map((route) => ['raw_bytes', 'wire_bytes', 'transfer_us', 'codec'].map((what) => `${routeOf(route)}_${what}`).join()),
  ];
  return `${head.join()}\n`;
}

function csvLines({ frames, stages, links }: MeasuredRows, columns: RowColumns): string {
  const stageAt = new Map(stages.map((row) => [`${row.stage} ${row.frame}`, row]));
  const linkAt = new Map(links.map((row) => [`${routeOf(row)} ${row.frame}`, row]));
  const lines = [...frames]
    .sort((a, b) => Number(a.frame - b.frame))
    .map(({ frame, index, startMs, latencyMs }) =>
      [
        `${frame},${columns.dropping ? `${index},` : ''}${startMs.toFixed(3)},${latencyMs.toFixed(3)}`,
        ...columns.stages.map((id) => {
          const row = stageAt.get(`${id} ${frame}`);
          return row === undefined ? ',,,' : [row.queueUs, row.decodeUs, row.computeUs, row.encodeUs].join();
        }),
        ...columns.routes.map((route) => {
          const row = linkAt.get(`${routeOf(route)} ${frame}`);
          return row === undefined ? ',,,' : [row.rawBytes, row.wireBytes, Math.round(row.transferUs), row.codec].join();
        }),
      ].join(),
    );
  return lines.map((line) => `${line}\n`).join('');
}

function routeOf({ from, to }: RowColumns['routes'][number]): string {
  return `${from}>${to}`;
}

/** Measurements arrive in any order; columns should not. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
