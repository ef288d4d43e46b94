/**
 * Writes chunks.txt. The test of the vectors compares the file with what this would write.
 */
import { writeFileSync } from 'node:fs';
import { refusedVectors } from './refused.ts';
import { line, validVectors } from './vectors.ts';

const lines = [...validVectors(), ...refusedVectors()].map(line);
writeFileSync(new URL('./chunks.txt', import.meta.url), `${lines.join('\n')}\n`);
