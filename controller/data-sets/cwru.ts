/**
 * Case Western Reserve University, Bearing Data Center: a motor's bearings with faults of three sizes at three places, 12,000 samples a second at
 * the drive end, 1797 rpm without load. Each file is a numbered experiment and holds X<number>_DE_time.
 *
 *     97.mat ─▶ normal        105.mat ─▶ inner race 7 mil        118.mat ─▶ ball 7 mil        …
 *
 * The label of a number is that of Zhao et al., 2020 (published-set.ts).
 */
import { matVariable, signalOf } from './mat-signal.ts';
import type { PublishedSet } from './published-set.ts';

/** By label. The fault of the outer race is at 6 o'clock, in the load zone. */
const experiments: readonly (readonly [number: number, name: string])[] = [
  [97, 'normal'],
  [105, 'inner race 7 mil'],
  [118, 'ball 7 mil'],
  [130, 'outer race 7 mil'],
  [169, 'inner race 14 mil'],
  [185, 'ball 14 mil'],
  [197, 'outer race 14 mil'],
  [209, 'inner race 21 mil'],
  [222, 'ball 21 mil'],
  [234, 'outer race 21 mil'],
];

export const cwru: PublishedSet = {
  name: 'cwru',
  classes: experiments.map(([number, name]) => ({
    name,
    // People add what it is: 105_0.mat, 97_Normal_0.mat.
    file: { title: `${number}.mat`, matches: new RegExp(`(^|/)0*${number}([^0-9/][^/]*)?\\.mat$`) },
  })),
  source:
    'expected 97.mat, 105.mat … 234.mat of "Normal Baseline Data" and "12k Drive End Bearing Fault Data" anywhere in the folder; they are published at https://engineering.case.edu/bearingdatacenter',
  async samplesOf(path, label, signal) {
    const variable = `X${String(experiments[label]![0]).padStart(3, '0')}_DE_time`;
    return signalOf(await matVariable(path, variable, signal), path, variable);
  },
};
