/** Whether a run could end as it did: complete, refused because it does not fit, or given up because there was nothing left to go on with. */

import type { MeshError } from '../../mesh/error.ts';
import { hexOf } from '../../mesh/files/blob.ts';
import type { Checks } from './checks.ts';
import type { Scenario } from './scenario.ts';
import type { SimAgent } from './sim-agent.ts';
import { modelsOf } from './sim-controller.ts';
import type { SimRun } from './sim-run.ts';
import { steadyDevices } from './steady.ts';

export function judge({ scenario: { run, frames, modelBytes }, ended }: SimRun, scenario: Scenario, checks: Checks): void {
  const { delivered } = checks.run(run);
  if (ended === undefined) checks.violated('the run ends', `${delivered} of ${frames} frames of run ${run} came out, and it goes on`);
  else if (ended.how.kind === 'failed') judgeFailure(run, ended.how.error, ended.atMs, scenario, checks);
  const roomMax = Math.max(...(scenario.memoryBytes?.values() ?? [Number.POSITIVE_INFINITY]));
  if (Math.max(...modelBytes.values()) <= roomMax) return;
  if (checks.wasLoaded(run)) checks.violated('admission', `stages of run ${run} were loaded although one fits nowhere`);
  if (ended?.how.kind === 'complete') checks.violated('admission', `run ${run} is complete although one of its stages fits nowhere`);
}

function judgeFailure(run: string, error: MeshError, atMs: number, scenario: Scenario, checks: Checks): void {
  if (error.message === '') {
    checks.violated('the run ends', `run ${run} gave up without a cause`);
    return;
  }
  // Before the first frame a person is there who chose the devices, and is told what is wrong with one.
  if (checks.run(run).delivered === 0) return;
  // Other devices than the present ones may all be full.
  if (scenario.memoryBytes !== undefined && / needs /.test(error.message)) return;
  const steady = steadyDevices(scenario, atMs);
  if (steady.length > 0)
    checks.violated('the run ends', `run ${run} gave up although nothing has happened to ${steady.join(', ')}: ${error.message}`);
}

/** Where nothing went wrong, the spare devices of a complete run have the files of all its stages. */
export function judgeSpares(
  { scenario, ended }: SimRun,
  { faults }: Scenario,
  agents: ReadonlyMap<string, SimAgent>,
  checks: Checks,
): void {
  if (faults.length > 0 || ended?.how.kind !== 'complete') return;
  for (const spare of scenario.spares) {
    const { blobs } = agents.get(spare)!.disk;
    const missing = [...modelsOf(scenario)].filter(([, { model }]) => !blobs.has(hexOf(model.sha256))).map(([stage]) => stage);
    if (missing.length > 0) checks.violated('spares', `${spare} is a spare of run ${scenario.run} and lacks ${missing.join(', ')}`);
  }
}
