/** The bytes of a stage's file, read like a file from any offset: they are in memory, or ranges of the model file they were cut from. */
import { open } from 'node:fs/promises';
import { type ByteSource, handleSource, memorySource } from '../../mesh/files/byte-source.ts';
import { openPayload, type Payload, payloadLength } from '../../partition/payload.ts';

/** Close it. Error `lost` or `invalid`, when read, if the file has become shorter. */
export async function payloadSource(payload: Payload): Promise<ByteSource> {
  if (payload.kind === 'memory') return memorySource(payload.bytes);
  if (payload.kind === 'strided') return gatheringSource(payload);
  const { path, offset: start, length } = payload;
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const whole = handleSource(handle, size, path);
  return { bytes: length, read: (offset, count, lent) => whole.read(start + offset, count, lent), close: () => whole.close() };
}

/** One read after the other, because they share a buffer. */
async function gatheringSource(payload: Payload): Promise<ByteSource> {
  const reader = await openPayload(payload);
  let turn: Promise<unknown> = Promise.resolve();
  const fill = async (offset: number, count: number, lent: Uint8Array): Promise<Uint8Array> => {
    for (let done = 0; done < count; ) {
      const chunk = await reader.read(offset + done, count - done);
      lent.set(chunk, done);
      done += chunk.length;
    }
    return lent.subarray(0, count);
  };
  return {
    bytes: payloadLength(payload),
    read(offset, count, lent) {
      const read = turn.then(() => fill(offset, count, lent));
      turn = read.catch(() => {});
      return read;
    },
    close: () => reader.close(),
  };
}
