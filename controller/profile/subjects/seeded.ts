/** Chance that depends on a name: what is drawn for one thing stays the same whatever else is drawn. */
import { createHash } from 'node:crypto';
import { Random } from '../../../mesh/random.ts';

export function randomOf(seed: number, name: string): Random {
  return new Random(createHash('sha256').update(`${seed}/${name}`).digest().readUIntLE(0, 6));
}
