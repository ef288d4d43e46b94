/**
 * Paderborn University, KAt data center: bearings that were damaged by use in accelerated life tests, 64,000 samples a second, 1500 rpm, 0.7 Nm,
 * 1000 N (N15_M07_F10), the first of twenty measurements of each.
 *
 *     KA04/N15_M07_F10_KA04_1.mat ─▶ N15_M07_F10_KA04_1.Y(i).Data, i: the channel whose Name is vibration_1
 *
 * The thirteen bearings and their labels are those of Zhao et al., 2020 (published-set.ts).
 */
import { MeshError } from '../../mesh/error.ts';
import { named } from './find-files.ts';
import { fieldIn, fieldOf, matVariable, signalOf, structOf } from './mat-signal.ts';
import type { PublishedSet } from './published-set.ts';

const bearings = ['KA04', 'KA15', 'KA16', 'KA22', 'KA30', 'KB23', 'KB24', 'KB27', 'KI14', 'KI16', 'KI17', 'KI18', 'KI21'] as const;
const places: Readonly<Record<string, string>> = { A: 'outer race', B: 'inner and outer race', I: 'inner race' };
const CHANNEL = 'vibration_1';

const measurement = (bearing: string): string => `N15_M07_F10_${bearing}_1`;

export const pu: PublishedSet = {
  name: 'pu',
  classes: bearings.map((bearing) => ({
    name: `${bearing} ${places[bearing[1]!]}`,
    file: { ...named(`${measurement(bearing)}.mat`), title: `${bearing}/${measurement(bearing)}.mat` },
  })),
  source:
    'expected KA04/N15_M07_F10_KA04_1.mat … KI21/N15_M07_F10_KI21_1.mat anywhere in the folder; they are published at https://mb.uni-paderborn.de/kat/forschung/kat-datacenter',
  async samplesOf(path, label, signal) {
    const variable = measurement(bearings[label]!);
    const channels = structOf(fieldOf(await matVariable(path, variable, signal), 'Y', path, variable), path, `${variable}.Y`);
    const names = channels.elements.map((_, index) => {
      const name = fieldIn(channels, index, 'Name', path, `${variable}.Y(${index + 1})`);
      return name.kind === 'text' ? name.text.trim() : '';
    });
    const chosen = names.indexOf(CHANNEL);
    if (chosen < 0) throw new MeshError('invalid', `${path} has no channel ${CHANNEL} in ${variable}.Y, found ${names.join(', ')}`);
    const about = `${variable}.Y(${chosen + 1})`;
    return signalOf(fieldIn(channels, chosen, 'Data', path, about), path, `${about}.Data`);
  },
};
