/** Carries out a plan on the mesh of a command: as the run itself, or beside it as a run of its own. */

import { clockOf } from '../../mesh/clock.ts';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { grpcLink } from '../../mesh/link/grpc/client.ts';
import type { TimingItem } from '../../mesh/timing/workload.ts';
import { deliver } from '../deploy/deliver.ts';
import { planReport } from '../report/run-report.ts';
import { execute } from '../run/engine.ts';
import type { Executed, Execution, Workplace } from '../run/execution.ts';
import type { FrameInput } from '../run/frame-input.ts';
import { MeasureSummary } from '../run/measure-summary.ts';
import { MeshReplanner } from '../run/mesh-replanner.ts';
import type { Recutter } from '../run/replan.ts';
import { refuseMisfit } from '../run/rooms.ts';
import { asPlanned } from '../run/steering.ts';
import type { MeasuredRows } from '../store/records.ts';
import { feedProfile } from './feed-profile.ts';
import type { PlannedRun, RunTools } from './planned-run.ts';

/** `input` makes the frames that are sent out of those that the person gave. */
export interface Carried extends Omit<Execution, 'input' | 'record' | 'speedProbe'> {
  readonly input?: (given: FrameInput) => FrameInput;
  /** Makes rows of the frames that the person gave out of those that were measured. */
  readonly own?: (rows: MeasuredRows) => MeasuredRows;
  readonly recutter?: Recutter | undefined;
  /** Gets them a few times a second and at the end; the recorder does, too. */
  readonly record?: (rows: MeasuredRows) => void;
}

export interface CarriedOut extends Executed {
  readonly measured: MeasureSummary;
}

/** Errors: `exhausted` when the plan does not fit; those of `execute`. */
export async function carryOut(carried: Carried, planned: PlannedRun, tools: RunTools): Promise<CarriedOut> {
  const { input, own, record, recutter, ...execution } = carried;
  const { model, title } = execution;
  await refuseMisfit(execution, title === undefined ? model : `${model} (${title})`, { ...tools, clock: clockOf(tools.now) });
  const given = await planned.openInput();
  try {
    const measured = new MeasureSummary();
    const keep = (all: MeasuredRows): void => {
      const rows = own?.(all) ?? all;
      measured.add(rows);
      tools.recorder.add(execution.run, rows);
      record?.(rows);
    };
    const done = await execute(
      { ...execution, speedProbe: planned.speedProbe, record: keep, input: input?.(given) ?? given },
      workplaceOf(tools, recutter, planned.speedProbe),
    );
    await feedProfile({ ...done, measured }, execution, planned.activations, tools);
    return { ...done, measured };
  } finally {
    await given.close();
  }
}

interface Beside
  extends Pick<Execution, 'plan' | 'models' | 'frames' | 'consumers'>,
    Partial<Pick<Carried, 'codecs' | 'input' | 'record'>> {
  readonly title: string;
  /** Of the run's name. */
  readonly suffix: string;
}

/** Another execution for the sake of this run: closed loop, recorded as a run of its own below it. */
export async function carryOutBeside(planned: PlannedRun, tools: RunTools, { suffix, ...beside }: Beside): Promise<CarriedOut> {
  const run = `${planned.run}-${suffix}`;
  const { model, session, window, weight } = planned;
  const { recorder } = tools;
  const startedMs = tools.wallClock();
  recorder.begin({ run, parent: planned.run, startedMs, model, plan: JSON.stringify(planReport(beside.plan)) });
  const done = await carryOut(
    { codecs: asPlanned, ...beside, run, model, window, rateFps: undefined, session, weight, spares: [] },
    planned,
    tools,
  );
  recorder.end({ run, endedMs: tools.wallClock(), status: 'done', error: undefined, report: undefined });
  return done;
}

function workplaceOf(
  { mesh, watcher, now, signal }: RunTools,
  recutter: Recutter | undefined,
  speedProbe: TimingItem | undefined,
): Workplace {
  const clock = clockOf(now);
  const always = speedProbe === undefined ? [] : [speedProbe.model, ...speedProbe.externalData.values()];
  return {
    agents: mesh.agents,
    bus: mesh.bus,
    subjects: mesh.subjects,
    server: mesh.server,
    link: grpcLink(),
    codecs: tensorCodecs,
    clock,
    watcher,
    signal,
    onDevice: (listener) =>
      mesh.fleet.onChange((change) => {
        if (change.kind !== 'draining' || change.draining) listener(change);
      }),
    replanner: new MeshReplanner(mesh, clock, recutter),
    deliver: ({ name }, { model, externalData }, until) =>
      deliver(mesh.agents.get(name)!, [model, ...Object.values(externalData), ...always], mesh.server.address, until, (bytes, totalBytes) =>
        watcher({ kind: 'fetch', device: name, bytes, totalBytes }),
      ),
  };
}
