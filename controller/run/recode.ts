/** Tells the producer of a route, the source or a stage on its device, how frames travel from now on. */
import { MeshError } from '../../mesh/error.ts';
import { SOURCE } from '../../mesh/frame.ts';
import type { Outbox } from '../../mesh/link/outbox.ts';
import type { Execution, Workplace } from './execution.ts';
import type { CodecChange } from './steering.ts';

/** A producer that does not answer is the business of the failure watch; until it is found, frames travel as before. */
export function recode(change: CodecChange, { plan, run }: Execution, place: Workplace, source: Outbox, signal: AbortSignal): void {
  const { from, to, codecs } = change;
  if (from === SOURCE) {
    source.recode(to, codecs);
    return;
  }
  const { device } = plan.stages.find(({ id }) => id === from)!;
  place.agents
    .get(device)!
    .recode({ run, stage: from, epoch: plan.epoch }, to, codecs, signal)
    .catch((error: unknown) => {
      if (signal.aborted) return;
      const { message } = MeshError.from(error);
      place.watcher({ kind: 'warning', message: `frames from ${from} to ${to} travel as before: ${message}` });
    });
}
