/** The detached runs of a mesh, for a command's time: their records, and the agents that keep them. */
import type { NatsBus } from '../../mesh/bus/nats.ts';
import { NatsRegistry } from '../../mesh/bus/nats-registry.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import type { Presence } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { RunsClient } from '../deploy/runs-client.ts';
import { discoverAll, discoverNamed } from '../devices/discover.ts';
import { joinMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { RunRecords } from './run-records.ts';

export class MeshRuns implements AsyncDisposable {
  readonly bus: NatsBus;
  readonly subjects: Subjects;
  readonly records: RunRecords;
  readonly #signal: AbortSignal;

  private constructor(bus: NatsBus, subjects: Subjects, signal: AbortSignal) {
    this.bus = bus;
    this.subjects = subjects;
    this.records = new RunRecords(new NatsRegistry(() => bus.connection, subjects.runsBucket));
    this.#signal = signal;
  }

  /** Errors: `usage` when no mesh is configured, `unreachable` when its NATS server does not answer. */
  static async open(choice: MeshChoice, signal: AbortSignal): Promise<MeshRuns> {
    const { bus, subjects } = await joinMesh(choice, () => {});
    return new MeshRuns(bus, subjects, signal);
  }

  /** Everybody who is there. */
  devices(): Promise<Presence[]> {
    return discoverAll({ bus: this.bus, subjects: this.subjects, signal: this.#signal });
  }

  /** Error `unreachable` when it gives no sign of life. */
  async device(name: string): Promise<Presence> {
    const [presence] = await discoverNamed({ bus: this.bus, subjects: this.subjects, signal: this.#signal }, [name]);
    return presence!;
  }

  async clientOf(name: string): Promise<RunsClient> {
    return new RunsClient(name, (await this.device(name)).device.address);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.bus.close();
  }
}

/** A device to keep a run: the wanted one, else one that has nothing to do, else the first. Error `unreachable` when there is none. */
export function chooseHost(devices: readonly Presence[], wanted: string | undefined, avoid: ReadonlySet<string>): Presence {
  const able = devices.filter(({ draining }) => !draining);
  if (wanted !== undefined) {
    const found = able.find(({ device }) => device.name === wanted);
    if (found !== undefined) return found;
    throw new MeshError('unreachable', `${wanted} is not there, or is draining`, {
      hint: able.length === 0 ? 'no device answers' : `devices that answer: ${able.map(({ device }) => device.name).join(', ')}`,
    });
  }
  const others = able.filter(({ device }) => !avoid.has(device.name));
  const host = others.find(({ stages }) => stages.length === 0) ?? others[0] ?? able[0];
  if (host === undefined) throw new MeshError('unreachable', 'no device answers in this mesh', { hint: 'start an agent on each device' });
  return host;
}
