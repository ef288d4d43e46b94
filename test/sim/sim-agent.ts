/**
 * The agent of a simulated device: the real supervisor, heartbeat and leases over simulated stage processes, a disk that outlives it, and
 * faults that happen to it.
 *
 *     boot ──▶ agent process ──▶ supervisor ──▶ stage processes        killed: comes back after a moment, with the same disk
 */
import { PresenceBeacon } from '../../agent/presence.ts';
import type { EpochMemory } from '../../agent/stages/epoch-fence.ts';
import { StageSupervisor } from '../../agent/stages/supervisor.ts';
import type { StageFolders } from '../../agent/stages/workspace.ts';
import { encodeStageEvent } from '../../mesh/bus/messages.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import { every, pause } from '../../mesh/clock.ts';
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { type Blob, formatBlob, hexOf } from '../../mesh/files/blob.ts';
import type { Epoch } from '../../mesh/frame.ts';
import type { Random } from '../../mesh/random.ts';
import type { StageKey } from '../../mesh/stage.ts';
import { stageMemory } from '../../mesh/stage-memory.ts';
import { completeMeasures } from '../../mesh/wire-measures.ts';
import type { Checks } from './checks.ts';
import { type Machine, type RunningStage, simLauncher } from './sim-launch.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';
import { between } from './streams.ts';

/** As in the daemon. */
const BEAT_MS = 1_000;
const LEASE_CHECK_MS = 200;
const PROGRESS_MS = 500;
const RETIRE_PATIENCE_MS = 2_000;
/** systemd starts it again after this time. */
const RESTART_MS = { min: 100, max: 2_000 };
const AGENT_PORT = 1;
/** More than all stages together may need. */
const PLENTY_BYTES = 2 ** 40;

export interface SimAgentOptions {
  readonly world: SimWorld;
  readonly name: string;
  readonly subjects: Subjects;
  readonly random: Random;
  readonly checks: Checks;
  /** How long a frame takes on this device, milliseconds. */
  readonly computeMs: number;
  /** Memory for stages, bytes; undefined: plenty. */
  readonly memoryBytes: number | undefined;
  /** How many faults there are. */
  readonly disturbances: number;
}

export class SimAgent {
  readonly name: string;
  readonly address: string;
  /** What outlives the agent: digests of its blobs, the lowest epoch of each run that may be loaded. */
  readonly disk = { blobs: new Set<string>(), epochs: new Map<string, Epoch>(), full: false };
  /** Of its computing. */
  slowness = 1;
  /** Called when it is told to retire something, once. */
  onRetire: (() => void) | undefined;
  readonly #options: SimAgentOptions;
  readonly #stages = new Set<RunningStage>();
  #process: SimProcess | undefined;
  #supervisor: StageSupervisor | undefined;
  #presence: PresenceBeacon | undefined;
  #port = 100;

  constructor(options: SimAgentOptions) {
    this.name = options.name;
    this.address = `${options.name}:${AGENT_PORT}`;
    this.#options = options;
  }

  /** Undefined while the agent does not run. */
  get process(): SimProcess | undefined {
    return this.#process?.alive === true ? this.#process : undefined;
  }

  /** Only from within its process. */
  get supervisor(): StageSupervisor {
    return this.#supervisor!;
  }

  get stages(): readonly RunningStage[] {
    return [...this.#stages];
  }

  /** Starts the agent on its host, which must be up. */
  boot(): void {
    const { world, subjects, checks, random, computeMs, name, disturbances } = this.#options;
    const process = world.start(name, 'agent');
    this.#process = process;
    const bus = world.bus.connect(process);
    const machine: Machine = {
      computeMs: () => computeMs * this.slowness * between(random, 0.8, 1.3),
      loadMs: () => between(random, 5, 60) * this.slowness,
      port: () => {
        this.#port += 1;
        return this.#port;
      },
    };
    const supervisor = new StageSupervisor({
      device: name,
      cores: 4,
      limits: {},
      group: undefined,
      workspaces: this.#folders(),
      launch: simLauncher({ world, agent: process, machine, checks, disturbances }, this.#stages),
      listen: `${name}:0`,
      insecure: true,
      clock: process.clock,
      onEvent: (event) => {
        if (event.state === 'loading') checks.loads([process.name, name], event.key);
        bus.publish(subjects.stage(event.key.run, event.key.stage, event.state), encodeStageEvent(event));
      },
      onMeasures: (key, batch, sequence) =>
        bus.publish(subjects.measure(key.run, name), completeMeasures(batch, { key, device: name, sequence })),
      retirePatienceMs: RETIRE_PATIENCE_MS,
      epochs: this.#epochMemory(process),
      stageMemoryBytes: this.#memoryBytes,
      onWarning: () => {},
      admit: () => {},
      onProblem: () => {},
    });
    this.#supervisor = supervisor;
    every(process.clock, LEASE_CHECK_MS, () => supervisor.expireLeases());
    every(process.clock, PROGRESS_MS, () => supervisor.tellProgress());
    this.#presence = new PresenceBeacon({
      beatMs: BEAT_MS,
      clock: process.clock,
      bus,
      subjects,
      device: deviceOf(name, this.address),
      softwareVersion: '0',
      load: () => ({}),
      stages: () => supervisor.status(),
      draining: () => supervisor.draining,
    });
    world.network.own(this.address, process);
  }

  /** What `controller drain` orders. */
  drain(): void {
    const [supervisor, presence] = [this.#supervisor!, this.#presence!];
    this.process?.do(`${this.name} drains`, () => {
      supervisor.drain();
      presence.now();
    });
  }

  /** Stopped in order, and started again: as an administrator does after a drain. */
  restart(): void {
    const [process, supervisor, presence] = [this.process, this.#supervisor!, this.#presence!];
    process?.do(`${this.name} is stopped`, () => {
      void supervisor.stop('its agent is stopping', RETIRE_PATIENCE_MS).then(() => {
        presence.leave();
        if (process.alive) this.kill();
      });
    });
  }

  /** SIGKILL for the agent; its stages end with it, and systemd starts it again. */
  kill(): void {
    const { world, random, name } = this.#options;
    this.#process?.end();
    world.clock.at(world.clock.now() + between(random, RESTART_MS.min, RESTART_MS.max), `${name} starts its agent again`, () => {
      if (world.network.host(name).up && this.process === undefined) this.boot();
    });
  }

  /** A file arrives: what `Files.Fetch` does. Error `exhausted` when the disk is full. */
  store(blob: Blob): void {
    if (this.disk.blobs.has(hexOf(blob.sha256))) return;
    if (this.disk.full) throw new MeshError('exhausted', `${this.name} has no room for ${formatBlob(blob)}`);
    this.disk.blobs.add(hexOf(blob.sha256));
  }

  /** A full disk keeps what it had. */
  #epochMemory({ clock }: SimProcess): EpochMemory {
    return {
      remembered: new Map(this.disk.epochs),
      save: async (lowest) => {
        const kept = new Map(lowest);
        await pause(clock, between(this.#options.random, 0.1, 5));
        if (!this.disk.full) this.disk.epochs = kept;
      },
    };
  }

  get #memoryBytes(): number {
    return this.#options.memoryBytes ?? PLENTY_BYTES;
  }

  /** Also counts what the stages take together, by itself. */
  #folders(): StageFolders {
    const { checks } = this.#options;
    const taken = new Map<string, number>();
    const idOf = ({ run, stage, epoch }: StageKey): string => `${run} ${stage} ${epoch}`;
    return {
      create: async ({ key, model }) => {
        if (!this.disk.blobs.has(hexOf(model.sha256))) throw new MeshError('not-found', `${formatBlob(model)} is not on ${this.name}`);
        if (this.disk.full) throw new MeshError('exhausted', `cannot make a folder for a stage on ${this.name}: the disk is full`);
        taken.set(idOf(key), stageMemory([model], 0).bytes);
        const bytes = [...taken.values()].reduce((sum, each) => sum + each, 0);
        checks.occupies(this.name, bytes, this.#memoryBytes);
        return { modelPath: `/${this.name}/model.onnx` };
      },
      remove: async (key) => void taken.delete(idOf(key)),
    };
  }
}

export function deviceOf(name: string, address: string): Device {
  return {
    name,
    address,
    arch: 'x64',
    os: 'Linux',
    cores: 4,
    memoryBytes: 2 ** 32,
    diskBytes: 2 ** 36,
    nodeVersion: '24',
    runtimeVersion: '1',
  };
}
