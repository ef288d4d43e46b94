/**
 * Every subject name of a mesh, in one place (docs/wire; proto/mesh/v1/bus.proto).
 *
 *     mesh.<name>.hello                         whoever hears it answers with its presence at once
 *     mesh.<name>.presence.<device>             Presence
 *     mesh.<name>.stage.<run>.<stage>.<event>   StageEvent; <event> is the state entered
 *     mesh.<name>.run.<run>.ack                 Ack
 *     mesh.<name>.measure.<run>.<device>        MeasureBatch
 *     mesh.<name>.out.<run>.<part>              OutputPart, kept in the stream mesh_<name>_out_<run>
 *
 * and of its buckets: mesh_<name>_runs          RunRecord under the name of the run
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
  outputs(run: string): OutputStreamName;
  readonly runsBucket: string;
}

/** Where the outputs of a run are, when they go into a stream. */
export interface OutputStreamName {
  readonly stream: string;
  /** All of them. */
  readonly subjects: string;
  readonly subject: (part: number) => string;
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
    outputs: (run) => {
      const stem = `${prefix}.out.${checkName(run, 'run')}`;
      return { stream: `mesh_${mesh}_out_${run}`, subjects: `${stem}.*`, subject: (part) => `${stem}.${part}` };
    },
    runsBucket: `mesh_${mesh}_runs`,
  };
}
