/**
 * The stage processes of this device: finds one that has the session of an order loaded, or starts another.
 *
 *     order ──▶ same run, stage, model, settings, limits?  ── yes ──▶ the process of an older epoch
 *                   └─ no ──▶ folder ──▶ group ──▶ process
 */
import type { Clock } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import type { StageKey } from '../../mesh/stage.ts';
import type { DeviceGroup, StageGroup } from '../cgroup/device-group.ts';
import { type CgroupLimits, USUAL_WEIGHT } from '../cgroup/hierarchy.ts';
import type { LoadOrder } from '../stage/protocol.ts';
import type { Launch } from './launch.ts';
import { MemoryBudget } from './memory-budget.ts';
import { stageResources } from './resources.ts';
import { StageHost } from './stage-host.ts';
import type { StageOrder } from './stage-order.ts';
import type { StageFolders, StagePaths } from './workspace.ts';

export interface StageHostsOptions {
  readonly device: string;
  readonly cores: number;
  readonly limits: CgroupLimits;
  /** Undefined: this agent may not make groups. */
  readonly group: DeviceGroup | undefined;
  readonly workspaces: StageFolders;
  readonly launch: Launch;
  /** HOST:0 on the interface the agent listens on. */
  readonly listen: string;
  readonly insecure: boolean;
  readonly clock: Clock;
  /** Memory that all stages together may take, bytes. */
  readonly stageMemoryBytes: number;
  /** Something can't be done as it was asked for, and goes on without; for the log. */
  readonly onWarning: (message: string) => void;
  /** Something went wrong that nobody waits for; for the log. */
  readonly onProblem: (error: unknown) => void;
}

/** What a process takes on the device. */
interface Place {
  readonly limits: CgroupLimits;
  readonly paths: StagePaths;
  readonly group: StageGroup | undefined;
  readonly giveBack: () => void;
}

export class StageHosts {
  readonly #options: StageHostsOptions;
  readonly #hosts = new Set<StageHost>();
  readonly #memory: MemoryBudget;
  #weightWarned = false;

  constructor(options: StageHostsOptions) {
    this.#options = options;
    this.#memory = new MemoryBudget(options.device, options.stageMemoryBytes);
  }

  /** Memory that stages may take, and what those that are here were admitted with. */
  get memory(): { readonly totalBytes: number; readonly reservedBytes: number } {
    return this.#memory;
  }

  /** A process that can serve the order as well as one of its own. */
  find(order: StageOrder): StageHost | undefined {
    const identity = identityOf(order);
    return [...this.#hosts].find((host) => host.usable && host.identity === identity && host.order.warmupRuns >= order.warmupRuns);
  }

  /**
   * Starts a process. Errors: `denied` (limits can't be enforced), `exhausted` (it does not fit beside the others), those of `StageFolders.create`,
   * and what `check` throws when the folder is there: that nobody wants the stage any more.
   */
  async start(order: StageOrder, check: () => void): Promise<StageHost> {
    const limits = this.#limitsOf(order);
    const giveBack = this.#memory.reserve(order);
    try {
      const paths = await this.#prepareFolder(order, check);
      const group = await this.#addGroup(order, limits);
      return this.#launch(order, { limits, paths, group, giveBack });
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  #launch(order: StageOrder, { limits, paths, group, giveBack }: Place): StageHost {
    const { key } = order;
    const options = this.#options;
    const resources = stageResources(options.cores, options.limits, limits, order.session);
    const host: StageHost = new StageHost({
      identity: identityOf(order),
      group,
      memoryLimitBytes: resources.memoryLimitBytes,
      launch: options.launch,
      surroundings: { heapMiBMax: resources.heapMiBMax, procsFiles: group?.procsFiles ?? [] },
      order: {
        kind: 'load',
        run: key.run,
        stage: key.stage,
        modelPath: paths.modelPath,
        inputs: order.inputs,
        outputs: order.outputs,
        session: { ...order.session, intraOpThreads: resources.intraOpThreads },
        warmupRuns: order.warmupRuns,
        ...probeOf(order, paths),
        listen: options.listen,
        insecure: options.insecure,
      },
      clock: options.clock,
      onGone: async () => {
        this.#hosts.delete(host);
        giveBack();
        await this.#removeFolder(key);
      },
    });
    this.#hosts.add(host);
    return host;
  }

  #limitsOf({ cpuQuotaCores, memoryLimitBytes }: StageOrder): CgroupLimits {
    const limits: CgroupLimits = {
      ...(cpuQuotaCores === undefined ? {} : { cpuQuotaCores }),
      ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    };
    const { device, group } = this.#options;
    if (Object.keys(limits).length > 0 && group === undefined) {
      throw new MeshError('denied', `${device} can't enforce limits on a stage: its agent may not make cgroups`, {
        hint: 'run the agent as root or as a systemd service with Delegate=yes, or plan without limits per stage',
      });
    }
    return limits;
  }

  async #prepareFolder(order: StageOrder, check: () => void): Promise<StagePaths> {
    try {
      const paths = await this.#options.workspaces.create(order);
      check();
      return paths;
    } catch (error) {
      await this.#removeFolder(order.key);
      throw error;
    }
  }

  async #addGroup({ key, weight }: StageOrder, limits: CgroupLimits): Promise<StageGroup | undefined> {
    const { group, device, onWarning } = this.#options;
    if (group === undefined && weight !== USUAL_WEIGHT && !this.#weightWarned) {
      this.#weightWarned = true;
      onWarning(`${device} can't weigh stages against each other: its agent may not make cgroups`);
    }
    try {
      return group?.addStage(limits, weight);
    } catch (error) {
      await this.#removeFolder(key);
      throw error;
    }
  }

  async #removeFolder(key: StageKey): Promise<void> {
    await this.#options.workspaces.remove(key).catch(this.#options.onProblem);
  }
}

function probeOf({ speedProbe }: StageOrder, { probePath }: StagePaths): Pick<LoadOrder, 'speedProbe'> {
  if (speedProbe === undefined || probePath === undefined) return {};
  const { inputs, outputs } = speedProbe;
  return { speedProbe: { modelPath: probePath, inputs, outputs } };
}

/** Equal when one process can serve both orders. Epoch, routes and windows are a flow's own. */
function identityOf(order: StageOrder): string {
  const { key, model, externalData, inputs, outputs, session, cpuQuotaCores, memoryLimitBytes, weight } = order;
  const files = [...externalData].map(([name, blob]) => [name, nameOf(blob)]).sort();
  const settings = [session.intraOpThreads, session.spinning, session.graphOptimization, cpuQuotaCores, memoryLimitBytes, weight];
  const tensors = inputs.map(({ name, dtype, dims }) => [name, dtype, ...dims]);
  return JSON.stringify([key.run, key.stage, nameOf(model), files, tensors, outputs, settings]);
}

function nameOf({ sha256 }: Blob): string {
  return Buffer.from(sha256).toString('hex');
}
