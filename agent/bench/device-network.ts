/**
 * What the device has received and sent since it was started, over all interfaces but loopback (/proc/net/dev). Of the whole device: the kernel does
 * not count by process. A bridge and its member both count what passes through them.
 */
import { readSystemFile } from '../hardware.ts';

export interface NetworkBytes {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** `root` is `/`, or a folder that stands for it in a test. Undefined where nothing tells. */
export function readNetworkBytes(root: string): NetworkBytes | undefined {
  const table = readSystemFile(root, '/proc/net/dev');
  return table === undefined ? undefined : parseNetworkTable(table);
}

/** Two lines of titles, then `name: received bytes, packets, 6 others, sent bytes, packets, …`. */
export function parseNetworkTable(table: string): NetworkBytes {
  let receivedBytes = 0;
  let sentBytes = 0;
  for (const line of table.split('\n').slice(2)) {
    const [, name, numbers] = /^\s*(\S+):\s*(\d.*)$/.exec(line) ?? [];
    if (name === undefined || numbers === undefined || name === 'lo') continue;
    const fields = numbers.trim().split(/\s+/).map(Number);
    receivedBytes += fields[0] ?? 0;
    sentBytes += fields[8] ?? 0;
  }
  return { receivedBytes, sentBytes };
}
