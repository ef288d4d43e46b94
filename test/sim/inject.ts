/** Carries a schedule of faults out on a simulated mesh: each begins at its time, and ends at the end of its own. */
import type { Random } from '../../mesh/random.ts';
import type { TimedFault } from './faults.ts';
import { formatFault } from './faults.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimRun } from './sim-run.ts';
import type { SimStore } from './sim-store.ts';
import type { SimWorld } from './sim-world.ts';
import { pick } from './streams.ts';

export interface Injection {
  readonly world: SimWorld;
  readonly agents: ReadonlyMap<string, SimAgent>;
  readonly runs: readonly SimRun[];
  readonly store: SimStore;
  /** Decides which of several stages is hit. */
  readonly random: Random;
  /** A stage or agent process was killed. */
  readonly onKill: () => void;
}

export function inject(faults: readonly TimedFault[], injection: Injection): void {
  const { clock } = injection.world;
  for (const fault of faults) {
    clock.at(fault.atMs, formatFault(fault), () => {
      const end = begin(fault, injection);
      if (end !== undefined && 'forMs' in fault && fault.forMs !== undefined)
        clock.at(clock.now() + fault.forMs, `over: ${formatFault(fault)}`, end);
    });
  }
}

/** Returns what ends it; undefined when nothing is to be ended. */
function begin(fault: TimedFault, injection: Injection): (() => void) | undefined {
  const { world, agents, runs, store, random, onKill } = injection;
  const { network, bus } = world;
  switch (fault.kind) {
    case 'crash': {
      const host = network.host(fault.host);
      if (!host.up) return undefined;
      host.crash();
      network.changed();
      return () => {
        host.boot();
        network.changed();
        agents.get(fault.host)!.boot();
      };
    }
    case 'kill': {
      const agent = agents.get(fault.host)!;
      onKill();
      if (fault.what === 'agent') {
        if (agent.process !== undefined) agent.kill();
      } else if (agent.stages.length > 0) pick(random, agent.stages).kill();
      return undefined;
    }
    case 'pause': {
      const host = network.host(fault.host);
      if (fault.what === 'retiring') {
        agents.get(fault.host)!.onRetire = () => standStill(agents.get(fault.host)!, fault.forMs, world);
        return undefined;
      }
      const stages = agents.get(fault.host)?.stages.map(({ process }) => process) ?? [];
      const hit = fault.what === 'host' ? host.processes : stages.length === 0 ? [] : [pick(random, stages)];
      for (const process of hit) process.pause();
      network.changed();
      return () => resume(hit, world);
    }
    case 'cut': {
      const ways = fault.both ? [[fault.from, fault.to] as const, [fault.to, fault.from] as const] : [[fault.from, fault.to] as const];
      for (const [from, to] of ways) network.block(from, to);
      return () => {
        for (const [from, to] of ways) network.unblock(from, to);
      };
    }
    case 'storm':
      network.delayFactor *= fault.factor;
      return () => {
        network.delayFactor /= fault.factor;
      };
    case 'bus-weather': {
      const before = { ...bus.weather };
      Object.assign(bus.weather, { loss: fault.loss, repetition: fault.repetition });
      return () => void Object.assign(bus.weather, before);
    }
    case 'broker-away':
      bus.stop();
      if (fault.storeLost) store.lose();
      return () => bus.start();
    case 'disk-full': {
      const { disk } = agents.get(fault.host)!;
      disk.full = true;
      return () => {
        disk.full = false;
      };
    }
    case 'drain': {
      const agent = agents.get(fault.host)!;
      agent.drain();
      return () => agent.restart();
    }
    case 'controller-crash':
      runs.find(({ scenario }) => scenario.run === fault.run)?.crash();
      return undefined;
    case 'slow': {
      const agent = agents.get(fault.host)!;
      agent.slowness *= fault.factor;
      return () => {
        agent.slowness /= fault.factor;
      };
    }
  }
}

/** Its stages read the order to retire only when they go on. */
function standStill({ stages }: SimAgent, forMs: number, world: SimWorld): void {
  const hit = stages.map(({ process }) => process);
  for (const process of hit) process.pause();
  world.network.changed();
  world.clock.at(world.clock.now() + forMs, 'retired stages go on', () => resume(hit, world));
}

function resume(processes: readonly SimProcess[], { network }: SimWorld): void {
  for (const process of processes) {
    const pausedMs = process.pausedForMs;
    process.resume();
    network.resumed(process, pausedMs);
  }
  network.changed();
}
