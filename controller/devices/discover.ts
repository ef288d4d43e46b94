/**
 * Who is in the mesh: says hello on the bus and listens to the answers. Agents also beat once a second, so that one that missed the hello
 * is heard a moment later.
 */
import type { Bus } from '../../mesh/bus/bus.ts';
import { decodePresence } from '../../mesh/bus/messages.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import type { Presence } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';

/** One heartbeat and some: who is silent for so long is not there. */
export const LISTEN_MS = 1_300;
/** How long named devices are waited for. */
const NAMED_MS = 3_000;

export interface Discovery {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly signal: AbortSignal;
}

/** Everybody who is heard within a heartbeat, by name. */
export function discoverAll(discovery: Discovery): Promise<Presence[]> {
  return listen(discovery, LISTEN_MS, () => false);
}

/** These devices, in this order. Error `unreachable` naming those that don't answer and those that do. */
export async function discoverNamed(discovery: Discovery, names: readonly string[]): Promise<Presence[]> {
  const heard = await listen(discovery, NAMED_MS, (found) => names.every((name) => found.has(name)));
  const byName = new Map(heard.map((presence) => [presence.device.name, presence]));
  const silent = names.filter((name) => !byName.has(name));
  if (silent.length > 0) {
    const present = [...byName.keys()];
    throw new MeshError('unreachable', `${silent.join(', ')} can't be reached: no sign of life within ${NAMED_MS / 1000} s`, {
      hint:
        present.length === 0
          ? 'no device answers: is the right mesh meant (--nats, --mesh), and is an agent running on each device?'
          : `devices that answer: ${present.join(', ')}`,
    });
  }
  return names.map((name) => byName.get(name)!);
}

async function listen(
  { bus, subjects, signal }: Discovery,
  waitMs: number,
  enough: (found: ReadonlyMap<string, Presence>) => boolean,
): Promise<Presence[]> {
  const found = new Map<string, Presence>();
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void): void => {
      subscription.close();
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      settle();
    };
    const stop = (): void => end(() => reject(signal.reason));
    const timer = setTimeout(() => end(resolve), waitMs);
    const subscription = bus.subscribe(subjects.allPresence, (payload) => {
      const presence = decodePresence(payload);
      if (presence.leaving) found.delete(presence.device.name);
      else found.set(presence.device.name, presence);
      if (enough(found)) end(resolve);
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    else bus.publish(subjects.hello, new Uint8Array(0));
  });
  return [...found.values()].sort((a, b) => a.device.name.localeCompare(b.device.name));
}
