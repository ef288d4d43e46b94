/**
 * The jobs of a collection, interleaved: what drifts with time (temperature, a neighbour) must not look like an effect of a device, a load or a model. So a
 * turn is short, and what is measured in it is measured on all other devices soon after.
 *
 *     round 1:  q1, no load: probes, some subjects    q06, load: probes, the same    …    q06, load: some others    q1, no load: the same    …
 *     round 2:  the same in another order
 */
import { Random } from '../../mesh/random.ts';
import { shuffled } from '../../mesh/shuffled.ts';
import type { ForeignLoad, Subject } from '../profiler/sample.ts';
import type { CollectionSpec, Job } from './collection.ts';

export type PlannedSubject = Pick<Subject, 'kind'> & { readonly key: string };

/** Made-up kernels are measured for their kernels' times, so only where these are wanted: in the first round, under the lightest load. */
export function planJobs(spec: CollectionSpec, subjects: readonly PlannedSubject[]): readonly Job[] {
  const random = new Random(spec.seed);
  const probes = subjects.filter(({ kind }) => kind === 'probe');
  const others = subjects.filter(({ kind }) => kind !== 'probe');
  const lightest = Math.min(...spec.loads.map(amountOf));
  const executions = new Map<string, number>();
  const jobs: Job[] = [];
  for (let round = 0, turn = 0; round < spec.rounds; round += 1) {
    const places = spec.devices.flatMap(({ name }) =>
      spec.threads.flatMap((threads) => spec.loads.map((load) => ({ device: name, threads, load }))),
    );
    const parts = partsOf(shuffled(others, random));
    for (const [index, part] of parts.entries()) {
      for (const place of shuffled(places, random)) {
        const kernels = round === 0 && amountOf(place.load) === lightest;
        const measured = part.filter(({ kind }) => kernels || kind !== 'kernels');
        const first = index === 0 ? shuffled(probes, random) : [];
        const last = index === parts.length - 1 ? shuffled(probes, random) : [];
        for (const { key } of [...first, ...shuffled(measured, random), ...last]) {
          const what = [place.device, place.threads, place.load.cores, place.load.duty, key].join(' ');
          const execution = (executions.get(what) ?? 0) + 1;
          executions.set(what, execution);
          jobs.push({ job: jobs.length, turn, ...place, subject: key, execution, kernels });
        }
        turn += 1;
      }
    }
  }
  return jobs;
}

/** Subjects of a turn: about a minute, in which an agent's start hardly counts. */
const PART = 24;

/** At least one; all about as large. */
function partsOf(subjects: readonly PlannedSubject[]): readonly (readonly PlannedSubject[])[] {
  const count = Math.max(1, Math.ceil(subjects.length / PART));
  return Array.from({ length: count }, (_, index) =>
    subjects.slice(Math.round((index * subjects.length) / count), Math.round(((index + 1) * subjects.length) / count)),
  );
}

function amountOf({ cores, duty }: ForeignLoad): number {
  return cores * duty;
}
