/** Arrays of an .npz archive, read as numpy's documentation of the format says, by code that shares nothing with what wrote them. */
import { unzipSync } from 'fflate';

export interface ReadArray {
  readonly descr: string;
  readonly values: readonly unknown[];
}

export function readNpz(bytes: Uint8Array): Map<string, ReadArray> {
  return new Map(Object.entries(unzipSync(bytes)).map(([name, content]) => [name.replace(/\.npy$/, ''), readNpy(content)]));
}

function readNpy(bytes: Uint8Array): ReadArray {
  const data = Buffer.from(bytes);
  if (data.toString('latin1', 0, 8) !== '\x93NUMPY\x01\0') throw new Error('no .npy file of version 1.0');
  const start = 10 + data.readUInt16LE(8);
  const header = /^\{'descr': '(.+)', 'fortran_order': False, 'shape': \((\d+),\), \} *\n$/.exec(data.toString('latin1', 10, start));
  if (header === null || start % 64 !== 0) throw new Error(`not a header: ${data.toString('latin1', 10, start)}`);
  const descr = header[1]!;
  const rows = Number(header[2]);
  const width = descr.startsWith('<U') ? 4 * Number(descr.slice(2)) : descr === '|b1' ? 1 : 8;
  if (data.length !== start + rows * width) throw new Error(`${data.length - start} bytes of ${rows} rows of ${width}`);
  const read = (at: number): unknown => {
    if (descr === '<f8') return data.readDoubleLE(at);
    if (descr === '<i8') return data.readBigInt64LE(at);
    if (descr === '<M8[ms]') return data.readBigInt64LE(at) === -(2n ** 63n) ? null : Number(data.readBigInt64LE(at));
    if (descr === '|b1') return data[at] === 1;
    let text = '';
    for (let place = at; place < at + width; place += 4) text += String.fromCodePoint(data.readUInt32LE(place));
    return text.replace(/\0+$/, '');
  };
  return { descr, values: Array.from({ length: rows }, (_, row) => read(start + row * width)) };
}
