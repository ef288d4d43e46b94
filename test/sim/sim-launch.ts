/**
 * Stage processes of a simulated device: the real StageProgram in a simulated process, with a computed session, the simulated link, and a pipe to
 * its agent.
 *
 *     supervisor ── orders ──▶ pipe ──▶ StageProgram        agent gone: the pipe closes, the process exits
 *                ◀── reports, then its end ── pipe ◀──
 */

import type { LoadOrder, Order } from '../../agent/stage/protocol.ts';
import { type OpenSession, StageProgram } from '../../agent/stage/stage-program.ts';
import type { Launch, LaunchedStage, LaunchHandlers } from '../../agent/stages/launch.ts';
import { pause } from '../../mesh/clock.ts';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import type { Epoch } from '../../mesh/frame.ts';
import type { Accept } from '../../mesh/link/link.ts';
import type { Checks } from './checks.ts';
import { countedLink } from './counted-link.ts';
import { TENSOR_BYTES } from './sim-model.ts';
import type { SimProcess } from './sim-process.ts';
import { SimSession } from './sim-session.ts';
import type { SimWorld } from './sim-world.ts';
import { Way } from './way.ts';

export interface Machine {
  /** How long a frame takes, milliseconds. */
  computeMs(stage: string): number;
  /** How long opening a session takes, milliseconds. */
  loadMs(): number;
  /** The next free port. */
  port(): number;
}

export interface LaunchPlace {
  readonly world: SimWorld;
  readonly agent: SimProcess;
  readonly machine: Machine;
  readonly checks: Checks;
  /** How often something was disturbed so far: a frame that kills its stage may then need more attempts. */
  readonly disturbances: number;
}

/** A stage process as faults see it. */
export interface RunningStage {
  readonly process: SimProcess;
  /** Undefined before it was told what to load. */
  readonly run: string | undefined;
  kill(): void;
}

export function simLauncher(place: LaunchPlace, running: Set<RunningStage>): Launch {
  return (_surroundings, handlers) => launch(place, handlers, running);
}

function launch(
  { world, agent, machine, checks, disturbances }: LaunchPlace,
  handlers: LaunchHandlers,
  running: Set<RunningStage>,
): LaunchedStage {
  const { network, links } = world;
  const host = agent.host;
  const process = world.start(host.name, 'stage');
  const pipe = (label: string): Way =>
    new Way({
      clock: network.clock,
      label,
      delayMs: () => network.delayMs(host.name, host.name),
      free: () => host.up,
      retryMs: () => 0,
    });
  const [orders, reports] = [pipe(`${agent.name} orders ${process.name}`), pipe(`${process.name} reports`)];
  /** Epochs that the process has been told to retire. */
  const retired = new Set<Epoch>();
  let ended = false;
  let run: string | undefined;
  const end = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
    if (ended) return;
    ended = true;
    running.delete(stage);
    process.end();
    reports.send('end', () => agent.do(`${agent.name} reaps`, () => handlers.ended({ exitCode, signal, lastWords: '' })));
  };
  const serve = async (_order: LoadOrder, accept: Accept) => {
    const port = machine.port();
    const address = `${host.name}:${port}`;
    const stop = links.listen(address, accept);
    network.own(address, process);
    process.onEnd(stop);
    return { port, close: async () => stop() };
  };
  const openSession = async (order: LoadOrder): Promise<OpenSession> => {
    const loadMs = machine.loadMs();
    await pause(process.clock, loadMs);
    const session = new SimSession({
      order,
      clock: process.clock,
      computeMs: () => machine.computeMs(order.stage),
      onCompute: (epoch, inputs) => {
        const unaware = process.stoodStill && !retired.has(epoch);
        checks.computes(agent.name, { run: order.run, stage: order.stage, epoch }, unaware);
        const ofRun = checks.run(order.run);
        const frame = ofRun.frameOf(inputs[0]!);
        // Bytes that nobody made are found at the sink.
        if (frame === undefined) return;
        const unreplicated = order.stage.split('-')[0]!;
        ofRun.computes(unreplicated, frame, epoch);
        if (ofRun.dies(unreplicated, frame, disturbances)) end(null, 'SIGSEGV');
      },
    });
    const outputs = order.outputs.map((name) => ({ name, dtype: 'uint8' as const, dims: [TENSOR_BYTES] }));
    return { session, facts: { loadMs, warmupMs: 1, outputs, kernels: [] } };
  };
  const program = new StageProgram({
    openSession,
    serve,
    link: countedLink(
      links.link(process.name),
      (route, held, windowFrames) => checks.holds(`${process.name} of ${route}`, held, windowFrames),
      (route) => checks.takesAfterClose(route),
    ),
    codecs: tensorCodecs,
    clock: process.clock,
    report: (report, then) => {
      if (!process.alive) return;
      reports.send(report.kind, () => agent.do(`${agent.name} hears of ${report.kind}`, () => handlers.report(report)));
      if (then !== undefined) process.clock.after(0, then);
    },
    exit: (code) => end(code, null),
  });
  const stage: RunningStage = {
    process,
    get run() {
      return run;
    },
    kill: () => end(null, 'SIGKILL'),
  };
  running.add(stage);
  // A stopped process notices when it goes on that its agent is gone.
  agent.onEnd(() => process.do(`${process.name} has no agent`, () => end(1, null)));
  process.onEnd(() => end(null, 'SIGKILL'));
  return {
    pid: 1000 + machine.port(),
    send: (order: Order) => {
      if (order.kind === 'load') run = order.run;
      orders.send(order.kind, () =>
        process.do(`${process.name} obeys`, () => {
          if (order.kind === 'retire') {
            retired.add(order.epoch);
            checks.retires(agent.name, run!, order.epoch);
          }
          program.obey(order);
        }),
      );
    },
    kill: () => end(null, 'SIGKILL'),
    usage: () => undefined,
  };
}
