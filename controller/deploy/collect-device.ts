/**
 * The devices of a collection, one after the other: each is there for the time of a turn, so that those that this machine emulates do not take its cores from
 * each other. They share the folder where files lie, and each file is brought once.
 */
import { MeshError } from '../../mesh/error.ts';
import { discoverAll } from '../devices/discover.ts';
import { joinMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { resolveDevice } from '../devices/resolve.ts';
import type { CollectedDevice } from '../profile/collection.ts';
import { BenchClient } from './bench-client.ts';
import { LoneAgent } from './lone-agent.ts';

export interface CollectDeviceOptions {
  readonly device: CollectedDevice;
  readonly choice: MeshChoice;
  /** Where agents of this machine's own keep their data. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const SHELF = 'agent';

export class CollectDevice implements AsyncDisposable {
  readonly client: BenchClient;
  readonly #agent: LoneAgent | undefined;

  private constructor(client: BenchClient, agent: LoneAgent | undefined) {
    this.client = client;
    this.#agent = agent;
  }

  /** Errors: those of an agent that does not start, or of a device that can't be found. */
  static async open({ device, choice, folder, env, signal }: CollectDeviceOptions): Promise<CollectDevice> {
    if (device.emulated === undefined) {
      const { name, address } = await resolveDevice(device.name, choice, signal);
      return new CollectDevice(new BenchClient(name, address), undefined);
    }
    const { quotaCores, memoryBytes } = device.emulated;
    const flags = [
      ...(quotaCores === undefined ? [] : ['--cpu-quota', `${quotaCores}`]),
      ...(memoryBytes === undefined ? [] : ['--memory', `${memoryBytes}`]),
    ];
    const agent = await LoneAgent.start({ name: device.name, flags, folder, shelf: SHELF, env, signal });
    return new CollectDevice(new BenchClient(agent.name, agent.address), agent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client[Symbol.dispose]();
    await this.#agent?.stop();
  }
}

/** Names of all that answer. Error `unreachable` when none does. */
export async function allDevices(choice: MeshChoice, signal: AbortSignal): Promise<readonly string[]> {
  const { bus, subjects } = await joinMesh(choice, () => {});
  try {
    const found = await discoverAll({ bus, subjects, signal });
    if (found.length === 0) {
      throw new MeshError('unreachable', 'no device answers in this mesh', {
        hint: 'start an agent there; controller devices shows who is there',
      });
    }
    return found.map(({ device }) => device.name);
  } finally {
    await bus.close();
  }
}
