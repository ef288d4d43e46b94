/**
 * The host to tell others when the agent listens on all of them (0.0.0.0 or ::).
 */
import { isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

const wildcards = new Set(['0.0.0.0', '::']);

/** The first address that other machines can reach; the one listened on when it is no wildcard, or there is no other. */
export function advertisedHost(
  listenHost: string,
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): string {
  if (!wildcards.has(listenHost)) return listenHost;
  const outward = Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'));
  const found = outward.find(({ address }) => isIP(address) === 4) ?? outward[0];
  return found?.address ?? (listenHost === '::' ? '::1' : '127.0.0.1');
}
