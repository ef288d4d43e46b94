/**
 * A small mesh on this machine for the time of one command: a private nats-server and real agents, `local1`, `local2`, …, on loopback
 * with free ports and a temporary folder. All of it ends with the command: in order, on Ctrl-C, and when the controller is killed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { abortable } from '../abortable.ts';
import { Child } from './child.ts';
import { localAgent } from './local-agent.ts';
import { type PrivateNats, startPrivateNats } from './private-nats.ts';

const AGENT_START_TIMEOUT_MS = 20_000;
const STOP_PATIENCE_MS = 3_000;
const MESH_NAME = 'local';

export interface DeviceAddress {
  readonly name: string;
  readonly address: string;
}

export interface LocalMeshOptions {
  readonly agents: number;
  /** More flags for an agent, such as a quota that makes it a weak device. */
  readonly agentFlags?: (index: number) => readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where temporary folders go. */
  readonly tmpdir: string;
  /** Gives up starting. */
  readonly signal: AbortSignal;
}

export function localDeviceName(index: number): string {
  return `local${index + 1}`;
}

export class LocalMesh implements AsyncDisposable {
  readonly name = MESH_NAME;
  readonly natsUrl: string;
  readonly devices: readonly DeviceAddress[];
  /** Temporary folder of this mesh; gone when it ends. */
  readonly root: string;
  readonly #nats: PrivateNats;
  readonly #agents: readonly Child[];

  private constructor(root: string, nats: PrivateNats, agents: readonly Child[], devices: readonly DeviceAddress[]) {
    this.root = root;
    this.natsUrl = nats.url;
    this.#nats = nats;
    this.#agents = agents;
    this.devices = devices;
  }

  /** Errors: `not-found` when nats-server is missing, `failed` or `timeout` when something does not start. */
  static async start(options: LocalMeshOptions): Promise<LocalMesh> {
    const root = await mkdtemp(join(options.tmpdir, 'splitmesh-'));
    const nats = await startPrivateNats(root, options.env).catch(async (error: unknown) => {
      await rm(root, { recursive: true, force: true });
      throw error;
    });
    const agents = Array.from({ length: options.agents }, (_, index) => {
      const flags = ['--nats', nats.url, '--mesh', MESH_NAME, '--exit-with-stdin', ...(options.agentFlags?.(index) ?? [])];
      return new Child(localAgent({ name: localDeviceName(index), root, env: options.env, flags }));
    });
    try {
      const addresses = await abortable(Promise.all(agents.map((agent) => agent.ready(AGENT_START_TIMEOUT_MS))), options.signal);
      const devices = addresses.map((address, index) => ({ name: localDeviceName(index), address }));
      return new LocalMesh(root, nats, agents, devices);
    } catch (error) {
      await stopAll(agents, nats);
      throw error;
    }
  }

  /** Calls `listener` when an agent (with its name) or the nats-server (undefined) ends although the mesh was not stopped. */
  onDeath(listener: (device: string | undefined, error: MeshError) => void): void {
    this.#nats.child.onDeath((error) => listener(undefined, error));
    for (const [index, agent] of this.#agents.entries()) agent.onDeath((error) => listener(localDeviceName(index), error));
  }

  /** The process of an agent, for whoever measures it. Error `not-found` for a device of another mesh. */
  pidOf(device: string): number {
    const pid = this.#agents[this.devices.findIndex(({ name }) => name === device)]?.pid;
    if (pid === undefined) throw new MeshError('not-found', `${device} is no agent of this local mesh`);
    return pid;
  }

  /** Resolves when every process and the folder are gone. Idempotent. */
  stop(): Promise<void> {
    return stopAll(this.#agents, this.#nats);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

async function stopAll(agents: readonly Child[], nats: PrivateNats): Promise<void> {
  await Promise.all(agents.map((agent) => agent.stop(STOP_PATIENCE_MS)));
  await nats.child.stop(STOP_PATIENCE_MS);
}
