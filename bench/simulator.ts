/**
 * The simulator: how much CPU time a run of 100 devices and 10,000 frames takes it.
 *
 *     node bench/simulator.ts [--rounds 3] [--devices 100] [--frames 10000] [--json]
 *
 * Every stage computes for measured-like times that vary, every frame costs both threads of its stages CPU, every link has latency, jitter and a
 * bandwidth at both interfaces. The chain has one stage per device, the other plan ten ways of ten stages side by side, with a quota on each device.
 */
import { parseArgs } from 'node:util';
import type { Scenario } from '../controller/scheduler/simulator/scenario.ts';
import { simulate } from '../controller/scheduler/simulator/simulate.ts';
import { print, type Row } from './support/report.ts';
import { chainScenario, ladderScenario } from './support/simulated-mesh.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    devices: { type: 'string', default: '100' },
    frames: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
});
const devices = Number(values.devices);
const frames = Number(values.frames);

function measure(what: string, scenario: Scenario): Row[] {
  const seconds: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const start = process.cpuUsage();
    const { events, frames: arrived } = simulate({ ...scenario, seed: round });
    const { user, system } = process.cpuUsage(start);
    const tookMs = (user + system) / 1000;
    if (arrived.length !== frames) throw new Error(`${what}: ${arrived.length} of ${frames} frames arrived`);
    seconds.push(tookMs / 1000);
    rates.push(events / tookMs / 1000);
  }
  return [
    { what, value: median(seconds), unit: 's', rounds: seconds, bar: { atMost: 5 } },
    { what: '  events', value: median(rates), unit: 'M/s', rounds: rates },
  ];
}

print(
  {
    benchmark: `simulator: ${devices} devices, ${frames} frames`,
    method: `median of ${values.rounds} rounds, each with a seed of its own; CPU time of the process, garbage collection included`,
    rows: [
      ...measure('a chain of stages', chainScenario(devices, frames)),
      ...measure('ten ways side by side, joined twice, quotas', ladderScenario(devices, frames)),
    ],
  },
  values.json,
);
