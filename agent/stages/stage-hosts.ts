/**
 * The stage processes of this device: finds one that has the session of an order loaded, or starts another.
 *
 *     order ──▶ same run, stage, model, settings, limits?  ── yes ──▶ the process of an older epoch
 *                   └─ no ──▶ folder ──▶ group ──▶ process
 */
import type { Clock } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { formatStage, type StageKey } from '../../mesh/stage.ts';
import type { DeviceGroup, StageGroup } from '../cgroup/device-group.ts';
import type { CgroupLimits } from '../cgroup/hierarchy.ts';
import type { Launch } from './launch.ts';
import { stageResources } from './resources.ts';
import { StageHost } from './stage-host.ts';
import type { StageOrder } from './stage-order.ts';
import type { StageFolders } from './workspace.ts';

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
  /** Something went wrong that nobody waits for; for the log. */
  readonly onProblem: (error: unknown) => void;
}

export class StageHosts {
  readonly #options: StageHostsOptions;
  readonly #hosts = new Set<StageHost>();

  constructor(options: StageHostsOptions) {
    this.#options = options;
  }

  /** A process that can serve the order as well as one of its own. */
  find(order: StageOrder): StageHost | undefined {
    const identity = identityOf(order);
    return [...this.#hosts].find((host) => host.usable && host.identity === identity && host.order.warmupRuns >= order.warmupRuns);
  }

  /**
   * Starts a process. Errors: `denied` (limits can't be enforced), those of `StageFolders.create`; `cancelled` when `wanted` says no as soon as the
   * folder is there.
   */
  async start(order: StageOrder, wanted: () => boolean): Promise<StageHost> {
    const { key } = order;
    const options = this.#options;
    const limits = this.#limitsOf(order);
    const modelPath = await this.#prepareFolder(order, wanted);
    const resources = stageResources(options.cores, options.limits, limits, order.session);
    const group = await this.#addGroup(key, limits);
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
        modelPath,
        inputs: order.inputs,
        outputs: order.outputs,
        session: { ...order.session, intraOpThreads: resources.intraOpThreads },
        warmupRuns: order.warmupRuns,
        listen: options.listen,
        insecure: options.insecure,
      },
      clock: options.clock,
      onGone: async () => {
        this.#hosts.delete(host);
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

  async #prepareFolder(order: StageOrder, wanted: () => boolean): Promise<string> {
    try {
      const modelPath = await this.#options.workspaces.create(order);
      if (!wanted()) throw new MeshError('cancelled', `${formatStage(order.key)} was cancelled before it was loaded`);
      return modelPath;
    } catch (error) {
      await this.#removeFolder(order.key);
      throw error;
    }
  }

  async #addGroup(key: StageKey, limits: CgroupLimits): Promise<StageGroup | undefined> {
    try {
      return this.#options.group?.addStage(limits);
    } catch (error) {
      await this.#removeFolder(key);
      throw error;
    }
  }

  async #removeFolder(key: StageKey): Promise<void> {
    await this.#options.workspaces.remove(key).catch(this.#options.onProblem);
  }
}

/** Equal when one process can serve both orders. Epoch, routes and windows are a flow's own. */
function identityOf(order: StageOrder): string {
  const { key, model, externalData, inputs, outputs, session, cpuQuotaCores, memoryLimitBytes } = order;
  const files = [...externalData].map(([name, blob]) => [name, nameOf(blob)]).sort();
  const settings = [session.intraOpThreads, session.spinning, session.graphOptimization, cpuQuotaCores, memoryLimitBytes];
  const tensors = inputs.map(({ name, dtype, dims }) => [name, dtype, ...dims]);
  return JSON.stringify([key.run, key.stage, nameOf(model), files, tensors, outputs, settings]);
}

function nameOf({ sha256 }: Blob): string {
  return Buffer.from(sha256).toString('hex');
}
