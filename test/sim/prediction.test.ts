/** What the simulator predicts of meshes that it has seen one frame at a time, against what they do. */
import test from 'ava';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { networkMissing } from '../helpers/network.ts';
import { needs } from '../helpers/privileges.ts';
import { type Comparison, compare } from './comparison.ts';
import { topologies } from './topologies.ts';

const only = process.env.SIM_ONLY;
const comparisons: Comparison[] = [];
for (const topology of topologies) {
  if (only !== undefined && !new RegExp(only).test(topology.title)) continue;
  needs(test.serial, cgroupMissing() ?? networkMissing())(topology.title, async (t) => {
    t.timeout(600_000);
    const found = await compare(
      t,
      topology,
      { rounds: Number(process.env.SIM_ROUNDS ?? 3), roundsMax: Number(process.env.SIM_ROUNDS ?? 5), frames: 60 },
      (line) => t.log(line),
    );
    comparisons.push(found);
    t.log(`fps ${(100 * found.error.fps).toFixed(1)} % p99 ${(100 * found.error.p99).toFixed(1)} %`);
    t.pass();
  });
}
