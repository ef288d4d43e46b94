/**
 * Divides examples into those that train and those that validate: four fifths and one fifth of each class, so that rare classes are in both.
 *
 *     random    class 0 ─ shuffled ─ ████████░░   class 1 ─ shuffled ─ ████████░░   ─▶ both shuffled once more: batches have every class
 *     ordered   class 0 ──────────── ████████░░   class 1 ──────────── ████████░░   ─▶ as recorded: validation is later than training
 */
import { MeshError } from '../../mesh/error.ts';
import type { Random } from '../../mesh/random.ts';
import { shuffled } from '../../mesh/shuffled.ts';
import type { Split } from './data-set.ts';

/** Of five examples of a class, one validates; an incomplete five gives one too. */
const VALIDATION_OF = 5;

/** Indexes of examples. */
export interface Parts {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/**
 * `labels`: of each example. Every example is in one part. Error `invalid`: a class with fewer than two examples, of which one part would have
 * none.
 */
export function splitExamples(labels: readonly number[], classes: readonly string[], split: Split, random: Random): Parts {
  const train: number[] = [];
  const validation: number[] = [];
  const ofClass = classes.map((): number[] => []);
  for (const [index, label] of labels.entries()) ofClass[label]!.push(index);
  const ordered = (examples: number[]): number[] => (split === 'random' ? shuffled(examples, random) : examples);
  for (const [label, own] of ofClass.entries()) {
    if (own.length < 2) throw tooFew(classes[label]!, own.length);
    const found = ordered(own);
    const trained = found.length - Math.ceil(found.length / VALIDATION_OF);
    train.push(...found.slice(0, trained));
    validation.push(...found.slice(trained));
  }
  return { train: ordered(train), validation: ordered(validation) };
}

function tooFew(name: string, count: number): MeshError {
  const found = count === 0 ? 'has no window' : 'has 1 window';
  return new MeshError('invalid', `class "${name}" ${found}, expected at least 2: one to train with and one to validate with`, {
    hint: 'choose a shorter window, or a longer recording',
  });
}
