/**
 * A mesh of four that can be broken in every way, and heals as a real one does: agents are started again as systemd would, links come back.
 *
 *     nats-server, controllers ── bridge ──┬── relays ── host of pa: agent, stages          links: what others open to a host
 *                                          ├── relays ── host of pb …
 *
 * Where networks can't be made, all of it is on loopback, and links are left alone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentProcess } from '../helpers/agent-process.ts';
import { type FarHost, putFar } from '../helpers/far-host.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { Network, networkMissing } from '../helpers/network.ts';
import type { Scope } from '../helpers/scope.ts';
import type { Fault } from './schedule.ts';

export const DEVICES = ['pa', 'pb', 'pc', 'pd'] as const;

/** Whether links can be broken here. */
export const withLinks = networkMissing() === undefined;

export class ChaosMesh {
  readonly mesh: Mesh;
  /** More flags of a controller. */
  readonly flags: readonly string[];
  readonly #links: ReadonlyMap<string, FarHost>;
  readonly #plug: (device: string, connected: boolean) => void;
  /** A device is down, or frozen, as long as the last of what was done to it. */
  readonly #down = new Map<string, number>();
  #natsDown = 0;
  /** What is being started again: nothing is done to it before it is there. */
  readonly #coming = new Map<string, Promise<void>>();

  private constructor(mesh: Mesh, flags: readonly string[], links: ReadonlyMap<string, FarHost>, plug: ChaosMesh['plug']) {
    this.#plug = plug;
    this.mesh = mesh;
    this.flags = flags;
    this.#links = links;
  }

  static async start(t: Scope): Promise<ChaosMesh> {
    if (!withLinks) return new ChaosMesh(await startMesh(t, { agents: DEVICES.map((name) => ({ name })) }), [], new Map(), () => {});
    const network = Network.create(t);
    const hosts = DEVICES.map((name) => network.addHost(name));
    const links = new Map<string, FarHost>();
    for (const host of hosts) links.set(host.name, await putFar(t, network, host));
    const agents = hosts.map(({ name, address, prefix }) => ({
      name,
      listen: `${address}:0`,
      prefix,
      args: ['--insecure', '--advertise', links.get(name)!.address],
    }));
    const mesh = await startMesh(t, { nats: { host: network.address }, agents });
    return new ChaosMesh(mesh, ['--insecure', '--listen', `${network.address}:0`], links, (device, connected) =>
      network.plug(hosts.find(({ name }) => name === device)!, connected),
    );
  }

  /** As others reach a device; none where links can't be broken. */
  linksOf(device: string): FarHost {
    return this.#links.get(device)!;
  }

  /** Pulls a device's cable, or plugs it in again: nothing reaches it, nothing leaves it, nobody is told. Nothing where links can't be broken. */
  plug(device: string, connected: boolean): void {
    this.#plug(device, connected);
  }

  /** Breaks it, and resolves when it has healed. */
  async suffer(fault: Fault): Promise<void> {
    const { kind, device } = fault;
    if (device === undefined) return await this.#suffersNats(fault);
    const agent = this.mesh.agent(device);
    switch (kind) {
      case 'kill stage':
      case 'freeze stage':
        return await sufferStage(agent, fault);
      case 'cut links':
      case 'silence links':
        return await this.#suffersLinks(device, fault);
      default:
        return await this.#suffersAgent(agent, fault);
    }
  }

  async #suffersAgent(agent: AgentProcess, { kind, lastsMs }: Fault): Promise<void> {
    await this.#coming.get(agent.name);
    this.#count(agent.name, 1);
    if (kind === 'kill agent') await agent.process.kill();
    else agent.process.stop();
    await delay(lastsMs);
    if (this.#count(agent.name, -1) > 0) return;
    if (agent.process.running) agent.process.continue();
    else await this.#comes(agent.name, agent.start());
  }

  async #suffersLinks(device: string, { kind, lastsMs }: Fault): Promise<void> {
    const links = this.linksOf(device);
    const name = `links of ${device}`;
    this.#count(name, 1);
    if (kind === 'cut links') links.cut();
    else links.freeze();
    await delay(lastsMs);
    if (this.#count(name, -1) === 0) links.mend();
  }

  async #suffersNats({ kind, lastsMs }: Fault): Promise<void> {
    const nats = this.mesh.nats!;
    await this.#coming.get('nats');
    this.#natsDown += 1;
    await nats.process.kill();
    if (kind.endsWith('without its store')) await nats.loseStore();
    await delay(lastsMs);
    this.#natsDown -= 1;
    if (this.#natsDown === 0) await this.#comes('nats', nats.restart());
  }

  async #comes(name: string, started: Promise<void>): Promise<void> {
    this.#coming.set(name, started);
    await started.finally(() => this.#coming.delete(name));
  }

  #count(name: string, change: 1 | -1): number {
    const count = (this.#down.get(name) ?? 0) + change;
    this.#down.set(name, count);
    return count;
  }
}

async function sufferStage(agent: AgentProcess, { kind, lastsMs }: Fault): Promise<void> {
  // An agent that is down has none.
  const stage = agent.process.running ? agent.stages()[0] : undefined;
  if (stage === undefined) return;
  signal(stage.pid, kind === 'kill stage' ? 'SIGKILL' : 'SIGSTOP');
  await delay(lastsMs);
  signal(stage.pid, 'SIGCONT');
}

/** One that has ended meanwhile needs none. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
