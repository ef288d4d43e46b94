/**
 * A supervisor whose stages are real processes running test/fixtures/stage-program.ts: the blob is the script.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeviceGroup } from '../../../agent/cgroup/device-group.ts';
import type { CgroupLimits } from '../../../agent/cgroup/hierarchy.ts';
import type { EpochMemory } from '../../../agent/stages/epoch-fence.ts';
import { launcherOf } from '../../../agent/stages/stage-child.ts';
import type { StageOrder } from '../../../agent/stages/stage-order.ts';
import { StageSupervisor } from '../../../agent/stages/supervisor.ts';
import { Workspaces } from '../../../agent/stages/workspace.ts';
import { clockOf } from '../../../mesh/clock.ts';
import { MeshError } from '../../../mesh/error.ts';
import type { Blob } from '../../../mesh/files/blob.ts';
import type { StageEvent, StageKey } from '../../../mesh/stage.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

export const neverAborts = new AbortController().signal;

export interface Measured {
  readonly key: StageKey;
  readonly batch: Uint8Array;
  readonly sequence: number;
}

export interface HarnessOptions {
  readonly limits?: CgroupLimits;
  readonly group?: DeviceGroup;
  readonly patienceMs?: number;
  readonly epochs?: EpochMemory;
  readonly stageMemoryBytes?: number;
}

export class SupervisorHarness {
  readonly folder: string;
  readonly events: StageEvent[] = [];
  readonly measured: Measured[] = [];
  readonly problems: unknown[] = [];
  readonly warnings: string[] = [];
  readonly supervisor: StageSupervisor;
  /** The supervisor's clock, milliseconds. */
  nowMs = 0;
  /** What the bus says to each batch. */
  published = true;
  #listeners: (() => void)[] = [];

  constructor(folder: string, options: HarnessOptions = {}) {
    this.folder = folder;
    this.supervisor = new StageSupervisor({
      device: 'dev',
      cores: 4,
      limits: options.limits ?? {},
      group: options.group,
      workspaces: new Workspaces(folder, async (blob) => this.#find(blob)),
      launch: launcherOf({
        program: fileURLToPath(new URL('../../fixtures/stage-program.ts', import.meta.url)),
        node: process.execPath,
        env: { PATH: process.env.PATH ?? '' },
      }),
      listen: '127.0.0.1:0',
      insecure: false,
      // What waits, waits for real processes.
      clock: { ...clockOf(() => 0), now: () => this.nowMs },
      onEvent: (event) => {
        this.events.push(event);
        for (const listener of this.#listeners) listener();
      },
      onMeasures: (key, batch, sequence) => {
        this.measured.push({ key, batch, sequence });
        return this.published;
      },
      retirePatienceMs: options.patienceMs ?? 5_000,
      epochs: options.epochs ?? { remembered: new Map(), save: async () => {} },
      stageMemoryBytes: options.stageMemoryBytes ?? 2 ** 40,
      onWarning: (message) => this.warnings.push(message),
      admit: () => {},
      onProblem: (error) => this.problems.push(error),
    });
  }

  /** Stores a script as a blob and returns the order to run it. */
  async order(script: string, changes: Partial<StageOrder> = {}): Promise<StageOrder> {
    return {
      key: { run: 'r', stage: 'a', epoch: 1n },
      model: await this.blob(script),
      externalData: new Map(),
      inputs: [{ name: 'x', dtype: 'float32', dims: [1] }],
      outputs: ['y'],
      session: { intraOpThreads: 0, spinning: false, graphOptimization: 'all' },
      weight: 100,
      warmupRuns: 0,
      leaseMs: 10_000,
      fresh: false,
      windowFrames: 2,
      windowBytes: 1024,
      routes: [],
      ...changes,
    };
  }

  async load(script: string, changes: Partial<StageOrder> = {}, signal = neverAborts) {
    return this.supervisor.load(await this.order(script, changes), signal);
  }

  async blob(content: string): Promise<Blob> {
    const sha256 = createHash('sha256').update(content).digest();
    await mkdir(join(this.folder, 'blobs'), { recursive: true });
    await writeFile(join(this.folder, 'blobs', sha256.toString('hex')), content);
    return { sha256, bytes: content.length };
  }

  /** The first event of a state, past or future. */
  event(state: StageEvent['state'], stage = 'a'): Promise<StageEvent> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.events.find((event) => event.state === state && event.key.stage === stage);
        if (found !== undefined) resolve(found);
      };
      this.#listeners.push(look);
      look();
    });
  }

  #find(blob: Blob): string {
    const name = Buffer.from(blob.sha256).toString('hex');
    if (blob.bytes < 0) throw new MeshError('not-found', `blob ${name} is not on this device`);
    return join(this.folder, 'blobs', name);
  }
}

/** A harness whose stages are gone when the test ends. */
export async function startSupervisor(t: Scope, options: HarnessOptions = {}): Promise<SupervisorHarness> {
  const harness = new SupervisorHarness(await tempFolder(t), options);
  t.teardown(async () => {
    await harness.supervisor.stop('the test is over', 0);
    options.group?.close();
  });
  return harness;
}
