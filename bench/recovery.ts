/**
 * How long nothing comes out when something is killed: a stage, an agent whose weights the spare device has, an agent whose weights have to be
 * moved there first. Three stages on four agents of this machine, which share its cores; each victim is killed again and again in one run.
 *
 *     node bench/recovery.ts [--kills 20] [--split resnet18@layer7,layer14] [--rate 20] [--window 8] [--json]
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { LocalMesh } from '../controller/deploy/local-mesh.ts';
import { BrokenStream, type Kill, type Victim } from './recovery/broken-stream.ts';
import { print, type Row } from './support/report.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    split: { type: 'string', default: 'resnet18@layer7,layer14' },
    rate: { type: 'string', default: '20' },
    window: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const window = Number(values.window);

/** Seconds, 95th percentile. */
const BARS: Readonly<Record<Victim, number>> = {
  stage: 2,
  'agent, weights on the spare': 2,
  'agent, weights to be moved': 5,
};

async function killed(victim: Victim): Promise<readonly Kill[]> {
  await using mesh = await LocalMesh.start({ agents: 0, env: process.env, tmpdir: tmpdir(), signal: new AbortController().signal });
  await using stream = await BrokenStream.start(mesh, { split: values.split, rate: Number(values.rate), window });
  // The first loss of an agent is one whose weights are nowhere else, and the second leaves them on both.
  if (victim === 'agent, weights on the spare') for (let warm = 0; warm < 2; warm += 1) await stream.kill(victim);
  const all: Kill[] = [];
  for (let kill = 0; kill < kills; kill += 1) all.push(await stream.kill(victim));
  return all;
}

/** The smallest that at least 95 of 100 are not above. */
function p95(rounds: readonly number[]): number {
  const sorted = rounds.toSorted((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN;
}

const rows: Row[] = [];
for (const victim of Object.keys(BARS) as Victim[]) {
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
    method: `${kills} kills (SIGKILL) of each; from the kill to the first frame that comes out again, by the clock of this program`,
    rows,
  },
  values.json,
);
