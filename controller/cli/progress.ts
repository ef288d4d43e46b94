/**
 * The live view of a run: a pure fold over its events, and its lines. `live-view.ts` puts them on the terminal.
 */
import type { Phase, RunEvent } from '../run/run-events.ts';
import { bytes, percent, threeDigits } from '../text/format.ts';

export interface Progress {
  readonly phase: Phase;
  readonly detail: string | undefined;
  readonly total: number;
  readonly arrived: number;
  /** The last arrivals, at most {@link RECENT}: time and latency in milliseconds. */
  readonly recent: readonly { readonly atMs: number; readonly latencyMs: number }[];
  /** Stage → what to show. */
  readonly stages: ReadonlyMap<string, { readonly device: string; readonly state: string }>;
  /** Device → share of its model files that has arrived. */
  readonly fetched: ReadonlyMap<string, { readonly bytes: number; readonly totalBytes: number }>;
}

const RECENT = 32;

export function noProgress(total: number): Progress {
  return { phase: 'model', detail: undefined, total, arrived: 0, recent: [], stages: new Map(), fetched: new Map() };
}

export function apply(progress: Progress, event: RunEvent): Progress {
  switch (event.kind) {
    case 'phase':
      return enter(progress, event.phase, event.detail, event.total);
    case 'fetch':
      return { ...progress, fetched: new Map(progress.fetched).set(event.device, event) };
    case 'stage':
      return { ...progress, stages: new Map(progress.stages).set(event.stage, event) };
    case 'arrival':
      return { ...progress, arrived: progress.arrived + 1, recent: [...progress.recent, event].slice(-RECENT) };
    case 'lost':
    case 'recovered':
    case 'changed':
    case 'warning':
      return progress;
  }
}

function enter(progress: Progress, phase: Phase, detail: string | undefined, total: number | undefined): Progress {
  const counted = phase === 'stream' ? { arrived: 0, recent: [], total: total ?? progress.total } : {};
  // Each plan brings its own stages and files.
  const placed = phase === 'deploy' ? { stages: new Map(), fetched: new Map() } : {};
  return { ...progress, phase, detail, ...counted, ...placed };
}

const titles: Readonly<Record<Phase, string>> = {
  model: 'reading the model',
  shapes: 'asking the runtime for the shapes of the model, once',
  mesh: 'starting the mesh',
  profile: 'learning from what was collected, once',
  deploy: 'loading the stages',
  stream: 'streaming',
  retire: 'retiring the stages',
};

/** One line of what goes on, one of the stages; no wider than the terminal. */
export function progressLines(progress: Progress, columns: number): string[] {
  const lines = [headline(progress)];
  if (progress.stages.size > 0) {
    lines.push([...progress.stages].map(([stage, { device, state }]) => `${stage}@${device} ${state}`).join('   '));
  }
  return lines.map((line) => ([...line].length < columns ? line : `${[...line].slice(0, columns - 2).join('')}…`));
}

function headline({ phase, detail, total, arrived, recent, fetched }: Progress): string {
  const title = detail === undefined ? titles[phase] : `${titles[phase]}: ${detail}`;
  if (phase === 'deploy') return `${title}${fetchPhrase(fetched)}`;
  if (phase !== 'stream') return title;
  const fps = recentFps(recent);
  const latencies = recent.map((arrival) => arrival.latencyMs).sort((a, b) => a - b);
  const median = latencies[Math.floor(latencies.length / 2)];
  return [
    title,
    bar(arrived / Math.max(1, total), 20),
    `${arrived}/${total}`,
    fps === undefined ? '' : `${threeDigits(fps)} fps`,
    median === undefined ? '' : `${threeDigits(median)} ms`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function recentFps(recent: Progress['recent']): number | undefined {
  const first = recent[0];
  const last = recent.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  return ((recent.length - 1) * 1000) / (last.atMs - first.atMs);
}

function fetchPhrase(fetched: Progress['fetched']): string {
  const parts = [...fetched]
    .filter(([, part]) => part.bytes < part.totalBytes)
    .map(([device, part]) => `${device} ${percent(part.bytes / part.totalBytes)} of ${bytes(part.totalBytes)}`);
  return parts.length === 0 ? '' : `  (${parts.join(', ')})`;
}

function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, share) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}
