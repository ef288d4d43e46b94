/**
 * LZ4: little gain, almost for nothing. The encoded form is the decoded size as 4 bytes little-endian, then one raw LZ4 block.
 *
 * The size in front lets the library allocate before it decodes; here it must equal what the message says the chunk has, which the caller
 * has bounded. Without that check four hostile bytes would reserve 4 GiB. The library refuses damaged blocks with an error, except
 * that it may return fewer bytes than announced, so the length is checked again afterwards.
 */
import { compressSync, uncompressSync } from 'lz4-napi';
import { type Codec, notEncoded } from '../codec.ts';
import { MeshError } from '../error.ts';

const SIZE_BYTES = 4;

export const lz4: Codec = {
  name: 'lz4',
  lossless: true,
  fidelity: 'lossless',
  encode(raw) {
    if (raw.byteLength === 0) return notEncoded(raw);
    const payload = compressSync(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
    return payload.byteLength < raw.byteLength ? { codec: 'lz4', payload, errorMax: 0 } : notEncoded(raw);
  },
  decode(encoded, into) {
    const rawBytes = into.byteLength;
    const announced = encoded.byteLength < SIZE_BYTES ? undefined : new DataView(encoded.buffer, encoded.byteOffset).getUint32(0, true);
    if (announced !== rawBytes) throw damaged(`it announces ${announced ?? 'no'} bytes`, rawBytes);
    let raw: Uint8Array;
    try {
      raw = uncompressSync(encoded);
    } catch (error) {
      throw damaged(MeshError.from(error).message, rawBytes, error);
    }
    if (raw.byteLength !== rawBytes) throw damaged(`it holds ${raw.byteLength} bytes`, rawBytes);
    into.set(raw);
  },
};

function damaged(found: string, rawBytes: number, cause?: unknown): MeshError {
  return new MeshError('invalid', `an LZ4 chunk of ${rawBytes} bytes is damaged: ${found}`, { cause });
}
