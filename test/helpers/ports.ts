/**
 * TCP ports: one that is free, one that is taken, and which ones a process listens on.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { Scope } from './scope.ts';

/** A port nobody listened on a moment ago. To let a program choose, give it port 0 instead. */
export async function freePort(): Promise<number> {
  const { server, port } = await listen();
  await close(server);
  return port;
}

/** A port that is taken until the test ends. */
export async function takenPort(t: Scope): Promise<number> {
  const { server, port } = await listen();
  t.teardown(() => close(server));
  return port;
}

/** Ports a process listens on, in its own network namespace. Empty when there is no such process. */
export function listeningPorts(pid: number): number[] {
  const sockets = socketsOf(pid);
  if (sockets.size === 0) return [];
  const LISTEN = '0A';
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === LISTEN && sockets.has(inode!))
    .map(([, local]) => Number.parseInt(local!.split(':')[1]!, 16));
}

function socketsOf(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
  } catch (error) {
    // The process ended, or closed a file, while we looked.
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return inodes;
}

function listen(): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as { port: number }).port }));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}
