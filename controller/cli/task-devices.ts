/**
 * The devices that a task runs on, for as long as it does: of the mesh, or agents of this command's own when there is none.
 */

import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { AgentClient } from '../deploy/agent-client.ts';
import { BenchClient } from '../deploy/bench-client.ts';
import { LoneAgent } from '../deploy/lone-agent.ts';
import { discoverAll } from '../devices/discover.ts';
import { joinMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { ordered, refusals, type Wanted, whyNot } from '../task/match-devices.ts';

export interface TaskDevicesOptions {
  readonly wanted: Wanted;
  readonly count: number;
  readonly choice: MeshChoice;
  /** Names of those of the last time: if they are there, they are taken again. */
  readonly before: readonly string[];
  /** Agents of this command's own may run programs. */
  readonly commands: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface TaskDevice {
  readonly client: BenchClient;
  readonly device: Device;
}

export class TaskDevices implements AsyncDisposable {
  /** In the order of their ranks. */
  readonly all: readonly TaskDevice[];
  readonly #agents: readonly LoneAgent[];

  private constructor(all: readonly TaskDevice[], agents: readonly LoneAgent[]) {
    this.all = all;
    this.#agents = agents;
  }

  /** Errors: `unreachable` when no device will do, saying why of each; `failed` when an agent of ours does not start. */
  static open(options: TaskDevicesOptions): Promise<TaskDevices> {
    return options.choice.nats === undefined ? openOwn(options) : openMesh(options);
  }

  static of(all: readonly TaskDevice[], agents: readonly LoneAgent[]): TaskDevices {
    return new TaskDevices(all, agents);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client } of this.all) client[Symbol.dispose]();
    await Promise.all(this.#agents.map((agent) => agent.stop()));
  }
}

async function openMesh({ wanted, count, choice, before, signal }: TaskDevicesOptions): Promise<TaskDevices> {
  const { bus, subjects } = await joinMesh(choice, () => {});
  try {
    const present = await discoverAll({ bus, subjects, signal });
    const good = ordered(present, wanted, before);
    if (good.length < count) {
      const why = refusals(present, wanted).join('; ');
      throw new MeshError(
        'unreachable',
        `${count === 1 ? 'no device' : `${good.length} of ${count} devices`} of the mesh will do${why === '' ? ': nobody answers' : `: ${why}`}`,
        { hint: 'controller devices shows who is there' },
      );
    }
    const chosen = good.slice(0, count).map(({ device }) => device);
    return TaskDevices.of(
      chosen.map((device) => ({ device, client: new BenchClient(device.name, device.address) })),
      [],
    );
  } finally {
    await bus.close();
  }
}

async function openOwn({ wanted, count, commands, env, signal }: TaskDevicesOptions): Promise<TaskDevices> {
  const agents: LoneAgent[] = [];
  const flags = commands ? ['--allow-commands'] : [];
  try {
    for (let index = 1; index <= count; index += 1) agents.push(await LoneAgent.start({ name: `local${index}`, flags, env, signal }));
    const all: TaskDevice[] = [];
    for (const { name, address } of agents) {
      using agent = new AgentClient(name, address);
      const { device } = await agent.describe(signal);
      const why = whyNot(wanted, device);
      if (why !== undefined)
        throw new MeshError('unreachable', `this machine will not do: ${why}`, {
          hint: 'name the mesh that has such a device: --nats URL, or NATS_URL',
        });
      all.push({ device, client: new BenchClient(name, address) });
    }
    return TaskDevices.of(all, agents);
  } catch (error) {
    await Promise.all(agents.map((agent) => agent.stop()));
    throw error;
  }
}
