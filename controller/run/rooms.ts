/** What the devices of a mesh say of their memory: asked before a plan is carried out, and when one has to be found to go on with. */
import { type Clock, expiry, pause } from '../../mesh/clock.ts';
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import type { AgentDescription } from '../deploy/agent-client.ts';
import type { SeatDevice } from '../recovery/seating.ts';
import type { Planned } from './planned.ts';
import { misfit, type Room } from './stage-needs.ts';

/** A device that does not answer by then is not waited for: a run may be standing still. */
const ANSWER_MS = 500;
/** Stages of a run that has just ended are on their way out: their memory is given back within moments. */
const LEAVING_MS = 1_000;
const LOOK_MS = 100;

/** The devices of a mesh, as far as they are asked here. */
export interface MeshRooms {
  readonly agents: ReadonlyMap<string, Describing>;
  readonly fleet: { presenceOf(device: string): { readonly draining: boolean } | undefined };
}

interface Describing {
  describe(signal?: AbortSignal): Promise<Pick<AgentDescription, 'device' | 'stageMemoryBytes' | 'reservedMemoryBytes'>>;
}

export interface Asking {
  readonly mesh: Pick<MeshRooms, 'agents'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Error `exhausted` when the plan does not fit, naming every device that is too small. Nothing has been loaded or sent then. */
export async function refuseMisfit(
  planned: Pick<Planned, 'plan' | 'models'>,
  what: string,
  { mesh, clock, signal }: Asking,
): Promise<void> {
  const devices = new Set(planned.plan.stages.map(({ device }) => device));
  const untilMs = clock.now() + LEAVING_MS;
  for (;;) {
    const rooms = await roomsOf(mesh, devices, signal);
    const refusal = misfit(planned, what, rooms);
    if (refusal === undefined) return;
    const empty = new Map([...rooms].map(([device, room]) => [device, { ...room, reservedBytes: 0 }]));
    if (clock.now() >= untilMs || misfit(planned, what, empty) !== undefined) throw refusal;
    await pause(clock, LOOK_MS, signal);
  }
}

/** Devices that can take stages, with the memory they have left: those that do not say that they are draining. */
export class SeatDevices {
  readonly #mesh: MeshRooms;
  readonly #clock: Clock;
  readonly #onDevice: (device: Device) => Promise<void>;
  #rooms: ReadonlyMap<string, Room> = new Map();

  /** `onDevice`: gets what each device says of itself whenever it is asked; it is waited for. */
  constructor(mesh: MeshRooms, clock: Clock, onDevice: (device: Device) => Promise<void> = async () => {}) {
    this.#onDevice = onDevice;
    this.#mesh = mesh;
    this.#clock = clock;
  }

  /** As they say now; those in `without` are not asked: they are known not to answer. */
  async ask(without: ReadonlySet<string> = new Set()): Promise<SeatDevice[]> {
    const asked = [...this.#mesh.agents.keys()].filter((name) => !without.has(name));
    const late = expiry(this.#clock, ANSWER_MS, new MeshError('timeout', `no answer within ${ANSWER_MS} ms`));
    try {
      this.#rooms = await roomsOf(this.#mesh, asked, late.signal, { silent: () => undefined, said: this.#onDevice });
    } finally {
      late.cancel();
    }
    return this.last;
  }

  /** As they said last. */
  get last(): SeatDevice[] {
    const { agents, fleet } = this.#mesh;
    const there = [...agents.keys()].filter((name) => fleet.presenceOf(name)?.draining !== true);
    return there.map((name) => {
      const room = this.#rooms.get(name);
      return room === undefined ? { name } : { name, freeBytes: Math.max(0, room.totalBytes - room.reservedBytes) };
    });
  }
}

async function roomsOf(
  { agents }: Pick<MeshRooms, 'agents'>,
  devices: Iterable<string>,
  signal: AbortSignal,
  on?: { readonly silent: () => undefined; readonly said: (device: Device) => Promise<void> },
): Promise<ReadonlyMap<string, Room>> {
  const asked = [...devices].map(async (device): Promise<[string, Room][]> => {
    const said = agents.get(device)?.describe(signal);
    const description = await (on === undefined ? said : said?.catch(on.silent));
    if (description !== undefined) await on?.said(description.device);
    if (description?.stageMemoryBytes === undefined) return [];
    return [[device, { totalBytes: description.stageMemoryBytes, reservedBytes: description.reservedMemoryBytes }]];
  });
  return new Map((await Promise.all(asked)).flat());
}
