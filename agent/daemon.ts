/**
 * The agent, put together: data folder and groups come in, services and heartbeat go up, and all of it comes down again in order.
 *
 *     controllers ──gRPC──▶ services ──▶ supervisor ──pipe─▶ stage processes
 *                  ◀─NATS── heartbeat, stage events, measurements ◀──┘
 */
import type { Logger } from 'pino';
import { joinAddress, splitAddress } from '../mesh/address.ts';
import type { Bus } from '../mesh/bus/bus.ts';
import { encodeStageEvent } from '../mesh/bus/messages.ts';
import { subjectsOf } from '../mesh/bus/subjects.ts';
import { type Clock, every } from '../mesh/clock.ts';
import type { Device, DeviceLoad } from '../mesh/device.ts';
import { Health } from '../mesh/grpc/health.ts';
import type { StageEvent, StageKey } from '../mesh/stage.ts';
import { completeMeasures } from '../mesh/wire-measures.ts';
import { BenchHost } from './bench/bench-host.ts';
import type { DeviceGroup } from './cgroup/device-group.ts';
import type { CgroupLimits } from './cgroup/hierarchy.ts';
import { openEpochFile } from './epoch-file.ts';
import { CheckpointShelf } from './files/checkpoint-shelf.ts';
import type { FindBlob } from './files/place-model.ts';
import { createFilesService } from './files/service.ts';
import type { Hardware } from './hardware.ts';
import { MeasureMailbox } from './measure-mailbox.ts';
import { PresenceBeacon } from './presence.ts';
import { RunHost } from './runs/run-host.ts';
import { RunShelf } from './runs/run-shelf.ts';
import { createAgentService } from './services/agent-service.ts';
import { createBenchService } from './services/bench-service.ts';
import { createRunsService } from './services/runs-service.ts';
import { AGENT_SERVICE, serveAgent, servedServices } from './services/server.ts';
import { launcherOf } from './stages/stage-child.ts';
import { StageSupervisor } from './stages/supervisor.ts';
import { Workspaces } from './stages/workspace.ts';

export interface DaemonOptions {
  readonly name: string;
  readonly mesh: string;
  /** HOST:PORT */
  readonly listen: string;
  readonly insecure: boolean;
  /** The host that others reach this one under. */
  readonly advertisedHost: string;
  readonly dataFolder: string;
  readonly hardware: Hardware;
  readonly limits: CgroupLimits;
  /** Undefined: this agent may not make groups. */
  readonly group: DeviceGroup | undefined;
  /** Undefined: no NATS. */
  readonly bus: Bus | undefined;
  readonly softwareVersion: string;
  readonly nodeVersion: string;
  readonly runtimeVersion: string;
  /** The stage program, the Node that runs it, and all it sees of the environment. */
  readonly stageProgram: string;
  readonly node: string;
  readonly stageEnv: Readonly<Record<string, string>>;
  /** The program that measures inference. */
  readonly benchProgram: string;
  /** The program that makes load beside a measurement. */
  readonly loadProgram: string;
  /** ONNX Runtime's own files: a run with a cold page cache reads them, too. */
  readonly runtimeFiles: readonly string[];
  /** Benchmarks may be programs of whoever asks. */
  readonly allowCommands: boolean;
  /** Of detached runs. Undefined: this agent keeps none. */
  readonly runs: RunsSetup | undefined;
  readonly readLoad: () => DeviceLoad;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly log: Logger;
}

/** What the process of a detached run needs. */
export interface RunsSetup {
  /** The controller's program, and all it sees of the environment. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where their inputs and outputs may lie. */
  readonly folder: string;
}

export interface Daemon {
  /** Where it really listens, HOST:PORT. */
  readonly address: string;
  readonly device: Device;
  /** What it is busy with. */
  activity(): Activity;
  /** No new stages and no new benchmarks from now on. Idempotent. */
  drain(): void;
  /** Resolves when no stage lives and no benchmark runs any more, or `signal` aborts. */
  idle(signal: AbortSignal): Promise<void>;
  /** Ends the stages (those that do not end within `patienceMs` are killed), says goodbye, stops serving. Call it again to hurry it. */
  stop(patienceMs: number): Promise<void>;
}

export interface Activity {
  /** Stages that live. */
  readonly stages: number;
  /** Benchmarks that run or wait for their turn. */
  readonly benchmarks: number;
  readonly draining: boolean;
}

const BEAT_MS = 1_000;
/** Of the machine's memory, when this agent has no limit of its own: the rest is everybody else's. */
const STAGE_MEMORY_SHARE = 0.8;
const LEASE_CHECK_MS = 200;
const PROGRESS_MS = 500;
/** How long a stage may take to end by itself when its controller retires it. */
const RETIRE_PATIENCE_MS = 2_000;
/** How long calls that are under way may take when the agent stops. */
const CALL_PATIENCE_MS = 300;

/** Errors: those of GrpcServer.listen and FileStore.open. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { name, bus, log, limits, group, hardware } = options;
  const subjects = subjectsOf(options.mesh);
  const onBug = (error: unknown): void => log.error({ err: error }, 'a call failed unexpectedly');
  const { dataFolder, clock, wallClock } = options;
  const files = await createFilesService({ dataFolder, now: clock.now, wallClock, onBug });
  const findBlob: FindBlob = (blob) => files.store.pathOf(blob);
  const workspaces = new Workspaces(dataFolder, findBlob);
  await workspaces.removeStale();
  const warn = (message: string, error?: unknown): void => log.warn(error === undefined ? {} : { err: error }, message);
  const mailbox =
    bus === undefined
      ? undefined
      : new MeasureMailbox({
          bus,
          clock,
          onDropped: (batches) => warn(`${batches} batches of measurements were dropped while NATS was away: there was no room for more`),
        });

  const supervisor: StageSupervisor = new StageSupervisor({
    device: name,
    cores: hardware.cores,
    limits,
    group,
    workspaces,
    launch: launcherOf({ program: options.stageProgram, node: options.node, env: options.stageEnv }),
    listen: joinAddress(splitAddress(options.listen).host, 0),
    insecure: options.insecure,
    clock,
    onEvent: (event) => announce(event),
    onMeasures: (key, batch, sequence) => publishMeasures(key, batch, sequence),
    retirePatienceMs: RETIRE_PATIENCE_MS,
    epochs: await openEpochFile(dataFolder, warn),
    stageMemoryBytes: limits.memoryLimitBytes ?? Math.floor(hardware.memoryBytes * STAGE_MEMORY_SHARE),
    onWarning: warn,
    onProblem: (error) => log.warn({ err: error }, 'cleaning up after a stage failed'),
    admit: () => benches.admitStage(),
  });

  const announce = (event: StageEvent): void => {
    const { key, state, reason, frames } = event;
    const { run, stage } = key;
    log[state === 'failed' ? 'warn' : 'info'](
      { run, stage, epoch: `${key.epoch}`, frames, ...(reason === '' ? {} : { reason }) },
      `stage ${state}`,
    );
    bus?.publish(subjects.stage(run, stage, state), encodeStageEvent(event));
  };

  const publishMeasures = (key: StageKey, batch: Uint8Array, sequence: number): boolean => {
    try {
      mailbox?.post(subjects.measure(key.run, name), completeMeasures(batch, { key, device: name, sequence }));
      return mailbox !== undefined;
    } catch (error) {
      log.warn({ err: error, run: key.run, stage: key.stage }, 'measurements of a stage were dropped');
      return false;
    }
  };

  const host = runHostOf(options, findBlob);
  const benches = new BenchHost({
    ...options,
    device: () => device,
    stages: () => supervisor.alive,
    findBlob,
    checkpoints: new CheckpointShelf(dataFolder, files.store),
    cores: hardware.cores,
    onChange: (run, what) => log.info({ run }, `benchmark ${what}`),
  });
  await benches.removeStale();

  const drain = (): void => {
    if (supervisor.draining) return;
    supervisor.drain();
    host?.drain();
    benches.drain();
    health.set(AGENT_SERVICE, false);
    presence?.now();
    log.info('draining: no new stages, no new benchmarks');
  };

  const health = new Health(servedServices);
  const service = createAgentService({
    supervisor,
    softwareVersion: options.softwareVersion,
    device: () => device,
    advertisedHost: options.advertisedHost,
    drain,
    onBug,
  });
  const benchService = createBenchService(
    (order, tell, signal) => benches.run(order, tell, signal),
    (run) => benches.settle(run),
    onBug,
  );
  const server = await serveAgent(
    options.listen,
    { insecure: options.insecure },
    {
      agent: service.implementation,
      files,
      runs: createRunsService(() => host, onBug),
      bench: benchService.implementation,
      health,
    },
  );

  const device: Device = {
    name,
    address: joinAddress(options.advertisedHost, server.port),
    ...hardware,
    ...limits,
    nodeVersion: options.nodeVersion,
    runtimeVersion: options.runtimeVersion,
    ...(group === undefined ? {} : { cgroup: group.version }),
  };
  const presence =
    bus === undefined
      ? undefined
      : new PresenceBeacon({
          beatMs: BEAT_MS,
          clock,
          bus,
          subjects,
          device,
          softwareVersion: options.softwareVersion,
          load: options.readLoad,
          stages: () => supervisor.status(),
          draining: () => supervisor.draining,
        });
  await host?.resume();
  const timers = [
    every(clock, LEASE_CHECK_MS, () => supervisor.expireLeases()),
    every(clock, PROGRESS_MS, () => supervisor.tellProgress()),
  ];

  const wind = async (): Promise<void> => {
    for (const timer of timers) timer.cancel();
    service.close();
    presence?.leave();
    mailbox?.close();
    await bus?.drain();
    await server.stop(CALL_PATIENCE_MS);
  };
  let winding: Promise<void> | undefined;
  return {
    address: server.address,
    device,
    activity: () => ({ stages: supervisor.alive, benchmarks: benches.length, draining: supervisor.draining }),
    drain,
    idle: async (signal) => void (await Promise.all([supervisor.idle(signal), benches.idle(signal)])),
    stop: async (patienceMs) => {
      drain();
      await Promise.all([host?.close(), benchService.close()]);
      await supervisor.stop('its agent is stopping', patienceMs);
      winding ??= wind();
      await winding;
    },
  };
}

function runHostOf(
  { runs, name, mesh, insecure, dataFolder, node, group, clock, log }: DaemonOptions,
  findBlob: FindBlob,
): RunHost | undefined {
  if (runs === undefined) return undefined;
  return new RunHost({
    device: name,
    ...{ mesh, insecure, node, group, clock },
    shelf: new RunShelf(dataFolder, findBlob),
    lentFolder: runs.folder,
    program: runs.program,
    env: runs.env,
    onChange: (run, what, lastWords) => log[lastWords === undefined ? 'info' : 'warn']({ run, lastWords }, `run ${what}`),
  });
}
