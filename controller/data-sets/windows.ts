/**
 * Cuts a recording into windows that do not overlap; what is left over at the end is dropped.
 *
 *     ├── window ──┼── window ──┼── window ──┤ rest
 *
 * What can't be learned from is refused here, before anything is trained: NaN is contagious, one in a window spoils every weight.
 */
import { MeshError } from '../../mesh/error.ts';

/** What was measured at one condition of the machine. */
export interface Recording {
  /** The class it is an example of. */
  readonly label: number;
  /** For messages: the file, or what was made. */
  readonly source: string;
  readonly samples: Float64Array;
}

/** Views of the recording's samples. Error `invalid`: shorter than a window, or a sample that is no finite number. */
export function cutWindows({ source, samples }: Recording, window: number): readonly Float64Array[] {
  const count = Math.floor(samples.length / window);
  if (count === 0) {
    throw new MeshError('invalid', `${source} has ${samples.length} samples, a window is ${window}`, {
      hint: 'choose a shorter window, or a longer recording',
    });
  }
  const bad = samples.subarray(0, count * window).findIndex((sample) => !Number.isFinite(sample));
  if (bad >= 0) {
    throw new MeshError('invalid', `${source}: sample ${bad} is ${samples[bad]}, expected a finite number`, {
      hint: 'repair the recording, or cut off what is before or behind it',
    });
  }
  return Array.from({ length: count }, (_, index) => samples.subarray(index * window, (index + 1) * window));
}
