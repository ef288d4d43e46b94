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

export async function runController(args: readonly string[]): Promise<RunResult> {
  const child = spawn(process.execPath, [program, 'run', '--json', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`controller run ${args.join(' ')} ended with code ${code}`);
  return JSON.parse(output) as RunResult;
}
