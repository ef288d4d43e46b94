/**
 * Under which address devices reach this machine: the address the kernel would send from. Connecting a datagram socket asks the routing
 * table and sends nothing.
 */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { MeshError } from '../../mesh/error.ts';

/** Any port but 0; nothing is sent to it. */
const DISCARD_PORT = 9;

/** Error `unreachable` when the host has no address or there is no route to it. */
export async function localAddressTowards(host: string): Promise<string> {
  const { address } = await resolve(host);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((done, reject) => {
      socket.once('error', reject);
      socket.connect(DISCARD_PORT, address, done);
    });
    return socket.address().address;
  } catch (error) {
    throw new MeshError('unreachable', `there is no route to ${host}: ${(error as Error).message}`, { cause: error });
  } finally {
    socket.close();
  }
}

async function resolve(host: string): Promise<{ address: string }> {
  try {
    return await lookup(host);
  } catch (error) {
    throw new MeshError('unreachable', `"${host}" has no address: ${(error as Error).message}`, { cause: error });
  }
}
