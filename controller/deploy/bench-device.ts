/**
 * The device that a benchmark runs on: the one that was named, the only one of the mesh, or this machine with an agent of its own for the time of the
 * command.
 */
import { MeshError } from '../../mesh/error.ts';
import { discoverAll } from '../devices/discover.ts';
import { joinMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { type ResolvedDevice, resolveDevice } from '../devices/resolve.ts';
import { BenchClient } from './bench-client.ts';
import { LoneAgent } from './lone-agent.ts';

export interface BenchDeviceOptions {
  /** A name, or HOST:PORT. */
  readonly on: string | undefined;
  readonly choice: MeshChoice;
  /** An agent of this command's own may run what its user may. */
  readonly commands: boolean;
  /** Where an agent of this command's own keeps its data, see LoneAgentOptions. */
  readonly folder?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** How this machine is called when there is no mesh. */
const LOCAL_NAME = 'local1';

export class BenchDevice implements AsyncDisposable {
  readonly client: BenchClient;
  readonly #agent: LoneAgent | undefined;

  private constructor(client: BenchClient, agent: LoneAgent | undefined) {
    this.client = client;
    this.#agent = agent;
  }

  /** Errors: `usage` when it is not clear which device is meant, `unreachable` when it does not answer. */
  static async open({ on, choice, commands, folder, env, signal }: BenchDeviceOptions): Promise<BenchDevice> {
    if (choice.nats === undefined && (on === undefined || on === LOCAL_NAME)) {
      const agent = await LoneAgent.start({ name: LOCAL_NAME, flags: commands ? ['--allow-commands'] : [], folder, env, signal });
      return new BenchDevice(new BenchClient(agent.name, agent.address), agent);
    }
    const { name, address } = on === undefined ? await theOnlyOne(choice, signal) : await resolveDevice(on, choice, signal);
    return new BenchDevice(new BenchClient(name, address), undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client[Symbol.dispose]();
    await this.#agent?.stop();
  }
}

async function theOnlyOne(choice: MeshChoice, signal: AbortSignal): Promise<ResolvedDevice> {
  const { bus, subjects } = await joinMesh(choice, () => {});
  try {
    const found = await discoverAll({ bus, subjects, signal });
    const [first, ...others] = found.map(({ device }) => device);
    if (first === undefined) {
      throw new MeshError('unreachable', 'no device answers in this mesh', {
        hint: 'start an agent there; controller devices shows who is there',
      });
    }
    if (others.length > 0) {
      const names = [first, ...others].map(({ name }) => name).join(', ');
      throw new MeshError('usage', `which device? In this mesh are ${names}`, { hint: 'name one with --on DEVICE' });
    }
    return { name: first.name, address: first.address };
  } finally {
    await bus.close();
  }
}
