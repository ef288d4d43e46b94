/**
 * Society for Machinery Failure Prevention Technology, bearing fault data: a healthy bearing, and faults of the outer and of the inner race under
 * seven loads each.
 *
 *     baseline_1.mat ─▶ normal        OuterRaceFault_vload_1…7.mat        InnerRaceFault_vload_1…7.mat
 *
 * Each file holds a struct `bearing`, whose field `gs` is the acceleration. It is found by name: files of healthy bearings have their fields in
 * another order. Of the three baselines the first is taken, as Zhao et al., 2020 do (published-set.ts); labels follow the names of the files.
 */
import { named } from './find-files.ts';
import { fieldOf, matVariable, signalOf } from './mat-signal.ts';
import type { PublishedClass, PublishedSet } from './published-set.ts';

const LOADS = 7;

function faults(place: string, folder: string, file: string): readonly PublishedClass[] {
  return Array.from({ length: LOADS }, (_, index) => ({
    name: `${place}, load ${index + 1}`,
    file: { ...named(`${file}_${index + 1}.mat`), title: `${folder}/${file}_${index + 1}.mat` },
  }));
}

export const mfpt: PublishedSet = {
  name: 'mfpt',
  classes: [
    { name: 'normal', file: { ...named('baseline_1.mat'), title: '1 - Three Baseline Conditions/baseline_1.mat' } },
    ...faults('outer race', '3 - Seven More Outer Race Fault Conditions', 'OuterRaceFault_vload'),
    ...faults('inner race', '4 - Seven Inner Race Fault Conditions', 'InnerRaceFault_vload'),
  ],
  source:
    'expected baseline_1.mat, OuterRaceFault_vload_1.mat … _7.mat and InnerRaceFault_vload_1.mat … _7.mat anywhere in the folder; they are published at https://www.mfpt.org/fault-data-sets/',
  async samplesOf(path, _label, signal) {
    const bearing = await matVariable(path, 'bearing', signal);
    return signalOf(fieldOf(bearing, 'gs', path, 'bearing'), path, 'bearing.gs');
  },
};
