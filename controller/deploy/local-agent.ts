/** An agent on this machine, on loopback with a free port, in the form this program runs in: source or compiled. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildOptions } from './child.ts';

export interface LocalAgentOptions {
  readonly name: string;
  /** Its data lies here, in a folder of this name. */
  readonly root: string;
  /** Default: the agent's. Agents that are never there together may share one. */
  readonly folder?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: readonly string[];
}

/** How to start it; it is ready with its address. */
export function localAgent({ name, root, folder = name, env, flags }: LocalAgentOptions): ChildOptions {
  return {
    title: `the agent ${name}`,
    program: process.execPath,
    argv: [agentProgram(), '--listen', '127.0.0.1:0', '--name', name, '--data', join(root, folder), ...flags],
    env,
    readiness: listeningAddress,
  };
}

function agentProgram(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../../agent/main.${extension}`, import.meta.url));
}

/** The agent logs JSON lines; the one with the message `listening` carries its address. */
function listeningAddress(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line) as { readonly msg?: unknown; readonly address?: unknown };
    return entry.msg === 'listening' && typeof entry.address === 'string' ? entry.address : undefined;
  } catch {
    // A line of something else that happens to start with a brace.
    return undefined;
  }
}
