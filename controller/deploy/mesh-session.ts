/**
 * The mesh a command works with, for its time: a private one on this machine, or the configured one. Connected to the bus and to the agents
 * it needs, with a server of its own that the agents reach.
 */
import type { Bus } from '../../mesh/bus/bus.ts';
import { connectNats } from '../../mesh/bus/nats.ts';
import { type Subjects, subjectsOf } from '../../mesh/bus/subjects.ts';
import { clockOf } from '../../mesh/clock.ts';
import { fileCodecs } from '../../mesh/codec/registry.ts';
import type { Presence } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { Closers } from '../closers.ts';
import { discoverAll, discoverNamed } from '../devices/discover.ts';
import { Fleet } from '../devices/fleet.ts';
import type { MeshChoice } from '../devices/mesh-choice.ts';
import { AgentClient } from './agent-client.ts';
import { BlobShelf } from './blob-shelf.ts';
import { ControllerServer, defaultListen } from './controller-server.ts';
import { localAddressTowards } from './local-address.ts';
import { type DeviceAddress, LocalMesh, localDeviceName } from './local-mesh.ts';
import { addModelsService } from './models-service.ts';

export interface MeshSessionOptions {
  readonly choice: MeshChoice;
  /** Devices that must be there. */
  readonly named: readonly string[];
  /** Whether others are wanted besides them. */
  readonly others: boolean;
  /** How many devices a private mesh has; when no others are wanted, only as many as it takes to have the named ones. */
  readonly deviceCount: number;
  readonly listen: string | undefined;
  readonly insecure: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
}

export class MeshSession implements AsyncDisposable {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly shelf: BlobShelf;
  readonly server: ControllerServer;
  /** In the order they are used. Where others are wanted, those that join are added. */
  readonly agents: ReadonlyMap<string, AgentClient>;
  readonly fleet: Fleet;
  /** The private mesh, when this is one. */
  readonly local: LocalMesh | undefined;
  readonly #closers: Closers;

  private constructor(parts: Omit<MeshSession, typeof Symbol.asyncDispose | 'close'>, closers: Closers) {
    this.bus = parts.bus;
    this.subjects = parts.subjects;
    this.shelf = parts.shelf;
    this.server = parts.server;
    this.agents = parts.agents;
    this.fleet = parts.fleet;
    this.local = parts.local;
    this.#closers = closers;
  }

  /** Errors: `unreachable` naming NATS server or device, `conflict` for another version or a port in use, `not-found` without nats-server. */
  static async open(options: MeshSessionOptions): Promise<MeshSession> {
    const closers = new Closers();
    try {
      return await MeshSession.#open(options, closers);
    } catch (error) {
      await closers.close();
      throw error;
    }
  }

  static async #open(options: MeshSessionOptions, closers: Closers): Promise<MeshSession> {
    const { choice, now, signal } = options;
    const local = choice.nats === undefined ? closers.use(await startLocal(options)) : undefined;
    const subjects = subjectsOf(local?.name ?? choice.mesh);
    const bus = closers.use(
      await connectNats({
        url: local?.natsUrl ?? choice.nats!,
        clientName: 'splitmesh controller',
        onError: (error) => options.warn(`a message on the bus could not be read: ${MeshError.from(error).message}`),
      }),
    );
    const devices = local?.devices ?? (await findDevices(options, bus, subjects));
    const agents = new Map(devices.map(({ name, address }) => [name, new AgentClient(name, address)]));
    closers.add(async () => {
      for (const agent of agents.values()) agent.close();
    });
    await Promise.all([...agents.values()].map((agent) => agent.describe(signal)));
    const shelf = new BlobShelf();
    const listen = options.listen ?? (await defaultListen(devices[0]!.address, localAddressTowards));
    const server = closers.use(
      await ControllerServer.listen(listen, options, (grpc) => addModelsService(grpc, { shelf, codecs: fileCodecs, now })),
    );
    const fleet = closers.use(
      new Fleet({
        bus,
        subjects,
        clock: clockOf(now),
        answers: (device) => answers(agents.get(device)),
        onPresence: (presence) => adopt(presence, agents, options.others),
        onBad: (error) => options.warn(`a heartbeat could not be read: ${MeshError.from(error).message}`),
      }),
    );
    local?.onDeath((device, error) => {
      if (device === undefined)
        options.warn(`${error.message}; frames flow without it, but devices and measurements are not seen any more`);
      else fleet.lost(device, error);
    });
    return new MeshSession({ bus, subjects, shelf, server, agents, fleet, local }, closers);
  }

  /** Ends everything in the opposite order; a private mesh is gone when it resolves. Idempotent. */
  close(): Promise<void> {
    return this.#closers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** How long a device may take to answer that has not been heard of. */
const ANSWER_MS = 1_000;

async function answers(agent: AgentClient | undefined): Promise<boolean> {
  if (agent === undefined) return false;
  return await agent.describe(AbortSignal.timeout(ANSWER_MS)).then(
    () => true,
    () => false,
  );
}

/** A device may come back at another address, and one that was not there before may be of use. */
function adopt({ device: { name, address }, leaving, draining }: Presence, agents: Map<string, AgentClient>, others: boolean): void {
  const known = agents.get(name);
  if (leaving || known?.address === address || (known === undefined && (!others || draining))) return;
  known?.close();
  agents.set(name, new AgentClient(name, address));
}

async function startLocal({ named, others, deviceCount, env, signal }: MeshSessionOptions): Promise<LocalMesh> {
  const known = Array.from({ length: deviceCount }, (_, index) => localDeviceName(index));
  const foreign = named.filter((name) => !known.includes(name));
  if (foreign.length > 0) {
    throw new MeshError('usage', `${foreign.join(', ')} can't be in a private mesh, whose devices are ${known.join(', ')}`, {
      hint: 'name the mesh these devices are in: --nats URL, or NATS_URL',
    });
  }
  const used = known.findLastIndex((name) => named.includes(name)) + 1;
  return await LocalMesh.start({ agents: others ? deviceCount : used, env, tmpdir: env.TMPDIR ?? '/tmp', signal });
}

async function findDevices({ named, others, signal }: MeshSessionOptions, bus: Bus, subjects: Subjects): Promise<DeviceAddress[]> {
  const presences = named.length > 0 ? await discoverNamed({ bus, subjects, signal }, named) : [];
  if (others) {
    const found = await discoverAll({ bus, subjects, signal });
    presences.push(...found.filter(({ device, draining }) => !draining && !named.includes(device.name)));
  }
  if (presences.length === 0) {
    throw new MeshError('unreachable', 'no device answers in this mesh', {
      hint: 'start an agent on each device: agent --nats URL --listen HOST:PORT; controller devices shows who is there',
    });
  }
  return presences.map(({ device }) => ({ name: device.name, address: device.address }));
}
