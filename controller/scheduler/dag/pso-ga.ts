/**
 * PSO-GA: a swarm whose velocity is made of a genetic algorithm's operators. In each iteration a particle
 *
 *     mutates with probability w  ──▶  is crossed with its own best with probability c1  ──▶  with the swarm's best with probability c2
 *
 * w adapts to how far the particle is from the swarm's best: w = w_max − (w_max − w_min)·exp(d ÷ (d − 1.01)), d the share of tasks on another
 * processor; c1 falls from 0.9 to 0.2 and c2 grows from 0.4 to 0.9.
 * (Chen et al.: Energy-efficient offloading for DNN-based smart IoT systems in cloud-edge environments, IEEE TPDS 33(3), 2022.)
 */

import type { PopulationOptions } from './genetic.ts';
import { copyMember, type Member, Population } from './population.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';
import { targetOf } from './target.ts';

const INERTIA = { max: 0.9, min: 0.4 };
const OWN = { first: 0.9, last: 0.2 };
const SWARM = { first: 0.4, last: 0.9 };

/** `begin`: what the swarm knows already. */
export function psoGa(
  problem: Problem,
  { random, members, generations, stop, target = targetOf(problem) }: PopulationOptions,
  begin: readonly Schedule[] = target.begin(),
): Schedule {
  const population = new Population(problem, random, target.rater());
  const known = begin.slice(0, members).map((schedule) => population.memberOf(schedule));
  const particles = [...known, ...Array.from({ length: members - known.length }, () => population.randomMember())];
  for (const particle of particles) population.rate(particle);
  const own = particles.map(clone);
  const best = clone(particles.reduce((a, b) => (b.score < a.score ? b : a)));
  for (let generation = 0; generation < generations && !stop(); generation += 1) {
    const share = generations < 2 ? 1 : generation / (generations - 1);
    const c1 = OWN.first + (OWN.last - OWN.first) * share;
    const c2 = SWARM.first + (SWARM.last - SWARM.first) * share;
    for (const [index, particle] of particles.entries()) {
      const d = population.distance(particle, best) / problem.tasks;
      const w = INERTIA.max - (INERTIA.max - INERTIA.min) * Math.exp(d / (d - 1.01));
      if (random.next() < w) population.mutate(particle);
      if (random.next() < c1) population.cross(particle, own[index]!);
      if (random.next() < c2) population.cross(particle, best);
      population.rate(particle);
      if (particle.score < own[index]!.score) copyMember(particle, own[index]!);
      if (particle.score < best.score) copyMember(particle, best);
    }
  }
  return population.schedule(best);
}

function clone({ order, processor, score }: Member): Member {
  return { order: order.slice(), processor: processor.slice(), score };
}
