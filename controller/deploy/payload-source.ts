/** The bytes of a stage's file, read like a file from any offset: they are in memory, or a range of the model file they were cut from. */
import { open } from 'node:fs/promises';
import { type ByteSource, handleSource, memorySource } from '../../mesh/files/byte-source.ts';
import type { Payload } from '../../partition/payload.ts';

/** Close it. Error `lost`, when read, if the file has become shorter. */
export async function payloadSource(payload: Payload): Promise<ByteSource> {
  if (payload.kind === 'memory') return memorySource(payload.bytes);
  const { path, offset: start, length } = payload;
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const whole = handleSource(handle, size, path);
  return { bytes: length, read: (offset, count, lent) => whole.read(start + offset, count, lent), close: () => whole.close() };
}
