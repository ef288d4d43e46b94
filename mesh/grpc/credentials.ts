/**
 * Channel and server credentials come from here and from nowhere else, so that TLS and enrolment can be added without touching callers.
 *
 * Until then traffic is plain text: loopback needs no permission, any other address needs the person's explicit `insecure`.
 */
import { isIP } from 'node:net';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { MeshError } from '../error.ts';

export interface Security {
  /** The person said `--insecure`: plain text beyond loopback is allowed. */
  readonly insecure: boolean;
}

export function serverCredentials(listen: string, security: Security): ServerCredentials {
  const { host } = splitAddress(listen);
  if (!isLoopback(host) && !security.insecure) {
    throw new MeshError(
      'denied',
      `refusing to listen on ${listen}: traffic is not encrypted and anyone who reaches this address could use this device`,
      {
        hint: 'listen on 127.0.0.1, or add --insecure when every machine on this network is trusted',
      },
    );
  }
  return ServerCredentials.createInsecure();
}

export function channelCredentials(): ChannelCredentials {
  return ChannelCredentials.createInsecure();
}

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
