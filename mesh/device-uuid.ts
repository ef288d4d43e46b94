/**
 * A UUID for a device of a mesh, for whoever names devices that way. A device is known by its name in its mesh, so the UUID is made from just these
 * (RFC 9562, version 5): agents and controllers come to the same one without telling each other, also after a device was set up anew.
 */
import { createHash } from 'node:crypto';

/** Of all devices of all meshes of splitmesh; drawn at random once. */
const NAMESPACE = Buffer.from('6f0b7f4e9d5c4b0ba4a1c1f3a58d2e77', 'hex');

/** Section 5.5: the first 16 bytes of SHA-1 of namespace and name, with version and variant in their places. */
export function deviceUuid(mesh: string, device: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(`${mesh}/${device}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
