/**
 * Metalayers: named bytes in a frame's header, and (each as a chunk) in its trailer. What they mean is their owners' business.
 *
 *     93 │ cd size │ de number │ name, d2 offset │ … │ dc number │ c6 length, bytes │ …       offsets count from the header's or trailer's start
 */
import { Blosc2Error } from './error.ts';

const NAME_BYTES_MAX = 31;
/** c-blosc2's limits. The size of the map counts its first byte in the header, and does not in the trailer. */
const parts = { header: { layersMax: 16, sizeFrom: 0 }, trailer: { layersMax: 8192, sizeFrom: 1 } } as const;

/** `part` is the header or the trailer; the metalayers start at `from`. Names that come twice are damage. */
export function readMetalayers(part: Uint8Array, from: number): Map<string, Uint8Array> {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const need = (at: number, length: number): void => {
    if (at < 0 || length < 0 || at + length > part.length) throw damaged('metalayers that reach beyond their place');
  };
  const marker = (at: number, byte: number): void => {
    need(at, 1);
    if (part[at] !== byte) throw damaged(`metalayers with byte ${part[at]} where ${byte} belongs`);
  };
  marker(from, 0x93);
  marker(from + 1, 0xcd);
  marker(from + 4, 0xde);
  need(from, 7);
  const count = view.getUint16(from + 5);
  const layers = new Map<string, Uint8Array>();
  let at = from + 7;
  for (let index = 0; index < count; index += 1) {
    need(at, 1);
    const nameBytes = part[at]! & 0x1f;
    if ((part[at]! & 0xe0) !== 0xa0) throw damaged('a metalayer without a name');
    need(at, 1 + nameBytes + 5);
    const name = new TextDecoder().decode(part.subarray(at + 1, at + 1 + nameBytes));
    at += 1 + nameBytes;
    marker(at, 0xd2);
    const offset = view.getInt32(at + 1);
    at += 5;
    need(offset, 5);
    marker(offset, 0xc6);
    const length = view.getInt32(offset + 1);
    need(offset + 5, length);
    if (layers.has(name)) throw damaged(`two metalayers "${name}"`);
    layers.set(name, part.subarray(offset + 5, offset + 5 + length));
  }
  return layers;
}

/** The bytes of metalayers that will start at `from` of their header or trailer. */
export function metalayerBytes(layers: ReadonlyMap<string, Uint8Array>, from: number, part: keyof typeof parts): Uint8Array {
  const { layersMax, sizeFrom } = parts[part];
  const names = [...layers.keys()].map((name) => new TextEncoder().encode(name));
  for (const name of names) {
    if (name.length > NAME_BYTES_MAX)
      throw new Blosc2Error('usage', `a metalayer's name of ${name.length} bytes; at most ${NAME_BYTES_MAX}`);
  }
  const mapEnd = 7 + names.reduce((sum, name) => sum + 6 + name.length, 0);
  const contents = [...layers.values()];
  const bytes = new Uint8Array(mapEnd + 3 + contents.reduce((sum, content) => sum + 5 + content.length, 0));
  const view = new DataView(bytes.buffer);
  if (mapEnd > 65_535 || layers.size > layersMax) throw new Blosc2Error('usage', `${layers.size} metalayers are too many for a ${part}`);
  bytes[0] = 0x93;
  bytes[1] = 0xcd;
  view.setUint16(2, mapEnd - sizeFrom);
  bytes[4] = 0xde;
  view.setUint16(5, layers.size);
  let at = 7;
  let contentAt = mapEnd + 3;
  for (const [index, name] of names.entries()) {
    bytes[at] = 0xa0 | name.length;
    bytes.set(name, at + 1);
    at += 1 + name.length;
    bytes[at] = 0xd2;
    view.setInt32(at + 1, from + contentAt);
    at += 5;
    contentAt += 5 + contents[index]!.length;
  }
  bytes[at] = 0xdc;
  view.setUint16(at + 1, layers.size);
  at += 3;
  for (const content of contents) {
    bytes[at] = 0xc6;
    view.setUint32(at + 1, content.length);
    bytes.set(content, at + 5);
    at += 5 + content.length;
  }
  return bytes;
}

function damaged(found: string): Blosc2Error {
  return new Blosc2Error('damaged', `no Blosc2 frame: ${found}`);
}
