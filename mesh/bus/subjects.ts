/**
 * Every subject name of a mesh, in one place (docs/wire; proto/mesh/v1/bus.proto).
 *
 *     mesh.<name>.hello                         whoever hears it answers with its presence at once
 *     mesh.<name>.presence.<device>             Presence
 *     mesh.<name>.stage.<run>.<stage>.<event>   StageEvent; <event> is the state entered
 *     mesh.<name>.run.<run>.ack                 Ack
 *     mesh.<name>.measure.<run>.<device>        MeasureBatch
 */
import { checkName } from '../name.ts';
import type { StageState } from '../stage.ts';

export interface Subjects {
  readonly hello: string;
  readonly allPresence: string;
  readonly allMeasures: string;
  presence(device: string): string;
  stage(run: string, stage: string, event: StageState): string;
  stagesOf(run: string): string;
  ack(run: string): string;
  measure(run: string, device: string): string;
  measuresOf(run: string): string;
}

/** Error `invalid` when `mesh`, or later a device, run or stage, is no name. */
export function subjectsOf(mesh: string): Subjects {
  const prefix = `mesh.${checkName(mesh, 'mesh')}`;
  return {
    hello: `${prefix}.hello`,
    allPresence: `${prefix}.presence.*`,
    allMeasures: `${prefix}.measure.>`,
    presence: (device) => `${prefix}.presence.${checkName(device, 'device')}`,
    stage: (run, stage, event) => `${prefix}.stage.${checkName(run, 'run')}.${checkName(stage, 'stage')}.${event}`,
    stagesOf: (run) => `${prefix}.stage.${checkName(run, 'run')}.>`,
    ack: (run) => `${prefix}.run.${checkName(run, 'run')}.ack`,
    measure: (run, device) => `${prefix}.measure.${checkName(run, 'run')}.${checkName(device, 'device')}`,
    measuresOf: (run) => `${prefix}.measure.${checkName(run, 'run')}.*`,
  };
}
