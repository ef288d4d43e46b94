/** Chunks with what must come of them: so many bytes with this digest, or an error. */
import { readFileSync } from 'node:fs';

export interface ChunkVector {
  readonly name: string;
  /** Base64. */
  readonly chunk: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly error?: string;
}

export function chunkVectors(): readonly ChunkVector[] {
  return JSON.parse(readFileSync(new URL('./blosc2-chunks.json', import.meta.url), 'utf8'));
}
