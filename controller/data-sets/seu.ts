/**
 * Southeast University, gearbox data: five conditions of the bearings and five of the gears, each at 20 Hz without and at 30 Hz with load
 * (20_0, 30_2). Of the eight columns the second is taken, the vibration of the planetary gearbox in x, and of its samples the first tenth.
 *
 *     bearingset/ball_20_0.csv …        gearset/Chipped_20_0.csv …        16 lines about the measurement, then rows of numbers
 *
 * Column, share and labels are those of Zhao et al., 2020 (published-set.ts).
 */
import { readColumn } from './csv-column.ts';
import { named } from './find-files.ts';
import type { PublishedClass, PublishedSet } from './published-set.ts';

const COLUMN = 1;
const PARTS = 10;

/** Both sets have a file of a healthy machine: they are told apart by the folder. */
function conditions(set: string, part: string, names: readonly string[]): readonly PublishedClass[] {
  return ['20_0', '30_2'].flatMap((load) =>
    names.map((name) => ({ name: `${part} ${name.toLowerCase()} ${load}`, file: named(`${set}/${name}_${load}.csv`) })),
  );
}

export const seu: PublishedSet = {
  name: 'seu',
  classes: [
    ...conditions('bearingset', 'bearing', ['ball', 'comb', 'health', 'inner', 'outer']),
    ...conditions('gearset', 'gear', ['Chipped', 'Health', 'Miss', 'Root', 'Surface']),
  ],
  source:
    'expected bearingset/ball_20_0.csv … and gearset/Chipped_20_0.csv … somewhere in the folder; they are published at https://github.com/cathysiyu/Mechanical-datasets',
  samplesOf: (path, _label, signal) => readColumn(path, { column: COLUMN, parts: PARTS, signal }),
};
