/** A real agent for a benchmark, in a folder of its own; without NATS unless its flags say where that is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

export interface BenchAgent extends AsyncDisposable {
  readonly address: string;
  readonly pid: number;
}

/** It ends with this program, however that ends. `nodeOptions`: for example --cpu-prof. `flags`: more of the agent's own. */
export async function startAgent(
  name: string,
  dataFolder: string,
  nodeOptions: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<BenchAgent> {
  const args = [...nodeOptions, program, '--listen', '127.0.0.1:0', '--name', name, '--data', dataFolder, '--exit-with-stdin', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const address = await listeningAddress(child);
  return { address, pid: child.pid!, [Symbol.asyncDispose]: () => end(child) };
}

async function listeningAddress(child: ChildProcess): Promise<string> {
  const log: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    log.push(line);
    if (!line.includes('"msg":"listening"')) continue;
    child.stderr!.resume();
    return (JSON.parse(line) as { address: string }).address;
  }
  throw new Error(`the agent did not start:\n${log.join('\n')}`);
}

/** Also for other programs that a benchmark starts. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
