/** Lets what was announced befall the mesh, at its time. */
import type { Mesh } from './connect.ts';
import type { EventQueue } from './event-queue.ts';
import { type Happening, type Loss, NOTICED_MS } from './happenings.ts';
import type { Lane } from './lane.ts';

/** Sets the timers. Returns the losses in the order in which they are noticed. */
export function befall(happenings: readonly Happening[], queue: EventQueue, mesh: Mesh): { loss: Loss; noticedMs: number }[] {
  const at = (ms: number, due: () => void): void => queue.at(queue.timer({ due }), ms);
  const losses: { loss: Loss; noticedMs: number }[] = [];
  for (const happening of happenings) {
    switch (happening.kind) {
      case 'bandwidth': {
        const medium = mesh.media.get(happening.medium)!;
        at(happening.atMs, () => mesh.network.changeBandwidth(medium, happening.bytesPerS));
        break;
      }
      case 'device-paused':
      case 'link-paused':
        at(happening.atMs, () => hold(happening, true, mesh));
        at(happening.untilMs, () => hold(happening, false, mesh));
        break;
      case 'device-lost':
      case 'link-lost':
        at(happening.atMs, () => hold(happening, true, mesh));
        losses.push({ loss: happening, noticedMs: happening.atMs + (happening.noticedMs ?? NOTICED_MS) });
    }
  }
  return losses.sort((a, b) => a.noticedMs - b.noticedMs);
}

function hold(happening: Exclude<Happening, { kind: 'bandwidth' }>, held: boolean, mesh: Mesh): void {
  if (happening.kind === 'link-lost' || happening.kind === 'link-paused') {
    for (const lane of mesh.lanes) if (joins(lane, happening.from, happening.to, mesh)) lane.hold(held);
    return;
  }
  mesh.processors.get(happening.device)!.stop(held);
  for (const lane of mesh.lanes) if (ends(lane, mesh).includes(happening.device)) lane.hold(held);
}

/** A cable carries both ways: frames one way, their credit the other. */
function joins(lane: Lane, a: string, b: string, mesh: Mesh): boolean {
  const [from, to] = ends(lane, mesh);
  return (from === a && to === b) || (from === b && to === a);
}

function ends({ options }: Lane, { deviceOf }: Mesh): [string, string] {
  return [deviceOf.get(options.from)!, deviceOf.get(options.to)!];
}
