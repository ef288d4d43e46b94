/** Runs the real command, as a person would, and gives back what `--json` printed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));

/** The parts of `controller run --json` (docs/schema/run.schema.json) that benchmarks use. */
export interface RunResult {
  readonly frames: { readonly sent: number; readonly received: number; readonly lost: number };
  readonly throughputFps: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly stages: readonly {
    readonly id: string;
    readonly computeMs: { readonly p50: number; readonly mean?: number };
    readonly busyShare: number;
  }[];
}

export function runController(args: readonly string[]): Promise<RunResult> {
  return controllerJson(['run', '--json', ...args]);
}

/** Any command with `--json` among its words. */
export async function controllerJson<T>(argv: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`controller ${argv.join(' ')} ended with code ${code}`);
  return JSON.parse(output) as T;
}
