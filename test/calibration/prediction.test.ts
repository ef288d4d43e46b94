/**
 * What the simulator predicts of meshes that it has seen one frame at a time only, against what they do: throughput within 5 %, p99 latency
 * within 15 %, on at least twenty topologies. Prints what was measured and predicted of each, and how the errors are distributed.
 *
 *     make calibration        CALIBRATION_ONLY='^two devices' CALIBRATION_ROUNDS=1 make calibration: only those whose titles match, faster
 *
 * A mesh on a machine that others use is no emulation: topologies for which it never became quiet are shown and not judged.
 */
import test from 'ava';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { networkMissing } from '../helpers/network.ts';
import { needs } from '../helpers/privileges.ts';
import { type Comparison, compare, FOREIGN_CORES_MAX } from './comparison.ts';
import { errorTable, within } from './error-table.ts';
import { topologies } from './topologies.ts';

const FPS_ERROR_MAX = 0.05;
const P99_ERROR_MAX = 0.15;
/** Of the topologies that were judged: single hiccups of a machine are no mistakes of a model. */
const SHARE_MIN = 0.9;
const TOPOLOGIES_MIN = 20;

const only = new RegExp(process.env.CALIBRATION_ONLY ?? '');
const rounds = Number(process.env.CALIBRATION_ROUNDS ?? 3);
const chosen = topologies.filter(({ title }) => only.test(title));
const comparisons: Comparison[] = [];
const missing = cgroupMissing() ?? networkMissing();

for (const topology of chosen) {
  needs(test.serial, missing)(topology.title, async (t) => {
    t.timeout(900_000);
    const found = await compare(t, topology, { rounds, roundsMax: 2 * rounds, frames: 110 }, (line) => t.log(line));
    comparisons.push(found);
    t.true(found.measured.fps > 0 && found.predicted.fps > 0);
  });
}

needs(test.serial, missing)('predictions are right where the machine was quiet', (t) => {
  t.log(errorTable(comparisons));
  const judged = comparisons.filter(({ foreignCores }) => foreignCores <= FOREIGN_CORES_MAX);
  if (chosen.length === topologies.length)
    t.true(judged.length >= TOPOLOGIES_MIN, `the machine was quiet for ${judged.length} topologies only`);
  const fps = judged.map(({ error }) => error.fps);
  const p99 = judged.map(({ error }) => error.p99);
  t.true(within(fps, FPS_ERROR_MAX) >= SHARE_MIN, `throughput: ${within(fps, FPS_ERROR_MAX)} of the topologies within ${FPS_ERROR_MAX}`);
  t.true(within(p99, P99_ERROR_MAX) >= SHARE_MIN, `p99 latency: ${within(p99, P99_ERROR_MAX)} of the topologies within ${P99_ERROR_MAX}`);
});
