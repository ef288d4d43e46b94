/**
 * How long nothing comes out when something is killed: a stage, an agent whose weights the spare device has, an agent whose weights have to be
 * moved there first. Three stages on four agents of this machine, which share its cores; each victim is killed again and again in one run. And how
 * long nothing comes out when nothing is lost: a device is drained, and its stage leaves.
 *
 *     node bench/recovery.ts [--kills 20] [--switches 20] [--split resnet18@layer7,layer14] [--rate 20] [--window 8] [--json]
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { LocalMesh } from '../controller/deploy/local-mesh.ts';
import { BrokenStream, type Kill, type Victim } from './recovery/broken-stream.ts';
import { type Gaps, plannedSwitches } from './recovery/planned-switches.ts';
import { print, type Row } from './support/report.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    switches: { type: 'string', default: '20' },
    split: { type: 'string', default: 'resnet18@layer7,layer14' },
    rate: { type: 'string', default: '20' },
    window: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const rate = Number(values.rate);
const switches = Number(values.switches);
const window = Number(values.window);

/** Seconds, 95th percentile. */
const BARS: Readonly<Record<Victim, number>> = {
  stage: 2,
  'agent, weights on the spare': 2,
  'agent, weights to be moved': 5,
};

async function killed(victim: Victim): Promise<readonly Kill[]> {
  await using mesh = await LocalMesh.start({ agents: 0, env: process.env, tmpdir: tmpdir(), signal: new AbortController().signal });
  await using stream = await BrokenStream.start(mesh, { split: values.split, rate, window });
  // The first loss of an agent is one whose weights are nowhere else, and the second leaves them on both.
  if (victim === 'agent, weights on the spare') for (let warm = 0; warm < 2; warm += 1) await stream.kill(victim);
  const all: Kill[] = [];
  for (let kill = 0; kill < kills; kill += 1) all.push(await stream.kill(victim));
  return all;
}

/** Of gaps around a planned switch, the 99th percentile, in periods. */
const GAP_BAR = 2;

async function switched(): Promise<Gaps> {
  await using mesh = await LocalMesh.start({ agents: 0, env: process.env, tmpdir: tmpdir(), signal: new AbortController().signal });
  return await plannedSwitches(mesh, { split: values.split, rate, window, switches });
}

/** The smallest that at least such a part of all are not above. */
function ranked(rounds: readonly number[], part: number): number {
  const sorted = rounds.toSorted((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
}

const p95 = (rounds: readonly number[]): number => ranked(rounds, 0.95);

const rows: Row[] = [];
if (switches > 0) {
  const { around, elsewhere } = await switched();
  const periods = around.map((gaps) => gaps.map((ms) => (ms * rate) / 1000));
  const longest = periods.map((gaps) => Math.max(...gaps));
  rows.push(
    { what: `${around.length} switches: longest gap ÷ period`, value: median(longest), unit: '×', rounds: longest },
    { what: 'p99 of the gaps around them ÷ period', value: ranked(periods.flat(), 0.99), unit: '×', rounds: [], bar: { atMost: GAP_BAR } },
    { what: 'p99 of the gaps elsewhere ÷ period', value: (ranked(elsewhere, 0.99) * rate) / 1000, unit: '×', rounds: [] },
  );
}
for (const victim of kills > 0 ? (Object.keys(BARS) as Victim[]) : []) {
  const all = await killed(victim);
  const seconds = all.map(({ recoveryMs }) => recoveryMs / 1000);
  const again = all.map((kill) => kill.again);
  rows.push(
    { what: `${victim}: p50`, value: median(seconds), unit: 's', rounds: seconds },
    { what: `${victim}: p95`, value: p95(seconds), unit: 's', rounds: [p95(seconds)] },
    { what: `${victim}: p95 ÷ ${BARS[victim]} s`, value: p95(seconds) / BARS[victim], unit: '×', rounds: [], bar: { atMost: 1 } },
    { what: `${victim}: most frames again ÷ window`, value: Math.max(...again) / window, unit: '×', rounds: [], bar: { atMost: 1 } },
  );
}

print(
  {
    benchmark: `recovery: ${values.split} on three of four local agents at ${values.rate} frames/s, window ${window}`,
    method: `${kills} kills (SIGKILL) of each; from the kill to the first frame that comes out again, by the clock of this program. ${switches} drains`,
    rows,
  },
  values.json,
);
