/**
 * Replanning on a mesh: its devices with the memory they have now, and two ways to a plan.
 *
 *     a device is lost ──▶ the same cut on other devices (weights are there) ── no room ──▶ another cut
 *     every second     ──▶ one stage elsewhere, another cut ──▶ the better of the two
 */
import type { Clock } from '../../mesh/clock.ts';
import type { Planned } from './planned.ts';
import type { Candidate, Present, Recutter, Replanner, ReplanRequest } from './replan.ts';
import { type MeshRooms, SeatDevices } from './rooms.ts';
import { betterSeat, substitute } from './substitute.ts';

/** Another cut has to promise so much more than one stage elsewhere, which moves fewer weights. */
const RECUT_GAIN = 0.9;

export class MeshReplanner implements Replanner {
  readonly #seats: SeatDevices;
  readonly #recutter: Recutter | undefined;

  /** Without a recutter the cut stays as it is: a person chose it. */
  constructor(mesh: MeshRooms, clock: Clock, recutter: Recutter | undefined) {
    this.#seats = new SeatDevices(mesh, clock, recutter && ((device) => recutter.meet(device)));
    this.#recutter = recutter;
  }

  async replan(request: ReplanRequest): Promise<Planned | string> {
    const devices = await this.#seats.ask(request.without);
    const seated = substitute(request, devices);
    if (typeof seated !== 'string' || this.#recutter === undefined) return seated;
    const cut = await this.#recutter.instead(request, devices);
    return typeof cut === 'string' ? `${seated}; ${cut}` : cut;
  }

  improve(present: Present): Candidate | undefined {
    // The next look has what they say now; a run does not wait for it.
    void this.#seats.ask(present.without);
    const devices = this.#seats.last;
    const moved = betterSeat(present, devices);
    const cut = this.#recutter?.candidate(present, devices);
    if (moved === undefined || cut === undefined) return moved ?? cut;
    return cut.ratio < RECUT_GAIN * moved.ratio ? cut : moved;
  }
}
