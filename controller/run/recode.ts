/** Tells the producers of routes, the source or stages on their devices, how frames travel from now on. */
import { MeshError } from '../../mesh/error.ts';
import { SOURCE } from '../../mesh/frame.ts';
import type { Outbox } from '../../mesh/link/outbox.ts';
import type { Plan } from '../../partition/plan.ts';
import type { Workplace } from './execution.ts';
import type { CodecChange } from './steering.ts';

/**
 * Never rejects: a producer that does not answer is the business of the failure watch, and until it is found frames travel as before. `signal` aborts
 * when nothing is sent any more: then producers may be gone, which is no news.
 */
export async function recode(
  changes: readonly CodecChange[],
  { plan, run }: { readonly plan: Plan; readonly run: string },
  place: Workplace,
  source: Outbox,
  signal: AbortSignal,
): Promise<void> {
  const tell = async ({ from, to, codecs }: CodecChange): Promise<void> => {
    if (from === SOURCE) return source.recode(to, codecs);
    const { device } = plan.stages.find(({ id }) => id === from)!;
    await place.agents.get(device)!.recode({ run, stage: from, epoch: plan.epoch }, to, codecs, signal);
  };
  if (signal.aborted) return;
  await Promise.all(
    changes.map((change) =>
      tell(change).catch((error: unknown) => {
        if (signal.aborted) return;
        const { message } = MeshError.from(error);
        place.watcher({ kind: 'warning', message: `frames from ${change.from} to ${change.to} travel as before: ${message}` });
      }),
    ),
  );
}
