/**
 * Finds what a simulation must not contain: work that the real event loop does. A timer or a file that the simulated logic uses by mistake would
 * make a run depend on the machine; here it is reported with the line that began it.
 *
 *     setTimeout, setInterval, setImmediate, timers/promises, AbortSignal.timeout, files, sockets, threads        anything but promises
 *
 * Node tells of each such thing when it is made (async_hooks), whichever way its maker got hold of the function.
 */
import { createHook } from 'node:async_hooks';

/** No work of the event loop's own. The last: Node makes random bytes ahead for randomUUID. */
const HARMLESS = new Set(['PROMISE', 'TickObject', 'Microtask', 'RANDOMBYTESREQUEST']);
const INTERNAL = /node:internal|\(node:|at node:|real-work\.ts/;

export class RealWork {
  readonly #found = new Set<string>();
  readonly #hook;
  #ownTurn = false;

  /** Finds what is made from now on, until `stop`. */
  constructor() {
    // Promises are what a simulation is made of; not to hear of each keeps it fast. (The type declarations don't know the setting yet.)
    const quiet = { trackPromises: false } as object;
    this.#hook = createHook({
      ...quiet,
      init: (_id, type) => {
        if (!this.#ownTurn && !HARMLESS.has(type)) this.#look(type, new Error().stack ?? '');
      },
    }).enable();
  }

  /** How the clock of a simulation takes its turns: the one thing that is allowed. */
  readonly turn = (step: () => void): void => {
    this.#ownTurn = true;
    setImmediate(step);
    this.#ownTurn = false;
  };

  /** Throws when something was found: nothing that this simulation says can be believed. */
  readonly check = (): void => {
    if (this.#found.size === 0) return;
    throw new Error(`the simulated logic uses the real event loop: ${[...this.#found].join('; ')}; wait with the Clock instead`);
  };

  stop(): void {
    this.#hook.disable();
  }

  #look(type: string, stack: string): void {
    const maker = stack.split('\n').find((line, index) => index > 0 && !INTERNAL.test(line));
    // Without a maker it is the consequence of something that was found before; the test runner lives in the same process.
    if (maker === undefined || maker.includes('/node_modules/ava/')) return;
    this.#found.add(`${type} made ${maker.trim()}`);
  }
}
