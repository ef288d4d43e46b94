/**
 * Network addresses as people write them: `host:port`, `[v6]:port`.
 */
import { isIP } from 'node:net';
import { MeshError } from './error.ts';

export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1';
}

/** Splits `host:port`, `[v6]:port`. Error `usage` when it is neither, or the port is not 0 … 65535. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new MeshError('usage', `"${address}" is not HOST:PORT`, { hint: 'for example 127.0.0.1:7070' });
  return { host: (match[1] ?? match[2])!, port };
}

export function joinAddress(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
