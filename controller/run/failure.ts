/**
 * When one stage goes, its neighbours lose a peer and fail too, and everybody reports at once. This finds the one it began with.
 *
 *     stage 2 crashes ──▶ "stage2 failed: …"            ◀── the root: it failed by itself
 *                    ├──▶ "stage1 lost its peer stage2"  ◀── a symptom: points at stage2
 *                    └──▶ "the sink lost stage3"         ◀── a symptom of a symptom
 *
 * Pure: symptoms in the order they arrived → a verdict.
 */
import { MeshError } from '../../mesh/error.ts';

export type Symptom =
  /** A stage says that it failed; `lostPeer` when it only lost a neighbour. */
  | { readonly kind: 'stage-failed'; readonly stage: string; readonly device: string; readonly reason: string; readonly lostPeer?: string }
  /** A stage is there, has frames, and does nothing. */
  | { readonly kind: 'stalled'; readonly stage: string; readonly device: string; readonly reason: string }
  /** An agent is gone or does not answer any more. */
  | { readonly kind: 'device-lost'; readonly device: string; readonly reason: string }
  /** The agent answers, but has the stages no more: they failed (then somebody says why), or their lease ended. */
  | { readonly kind: 'stages-gone'; readonly device: string; readonly reason: string }
  /** The source or the sink, here in the controller, lost its stream to or from a stage. */
  | { readonly kind: 'stream-lost'; readonly peer: string; readonly reason: string };

export interface Verdict {
  readonly kind: Exclude<Symptom['kind'], 'stream-lost'> | 'peer-lost';
  /** Absent when a device is to blame that holds several stages, or none. */
  readonly stage?: string;
  readonly device: string;
  readonly reason: string;
  /** False when a better explanation may still arrive. */
  readonly certain: boolean;
}

/** `placement`: stage → device. Undefined without symptoms. */
export function findRoot(symptoms: readonly Symptom[], placement: ReadonlyMap<string, string>): Verdict | undefined {
  const own = symptoms.find((symptom) => symptom.kind === 'stage-failed' && symptom.lostPeer === undefined);
  if (own?.kind === 'stage-failed')
    return { kind: 'stage-failed', stage: own.stage, device: own.device, reason: own.reason, certain: true };
  const stalled = symptoms.find((symptom) => symptom.kind === 'stalled');
  if (stalled !== undefined) return { ...stalled, certain: true };
  const device = symptoms.find((symptom) => symptom.kind === 'device-lost');
  if (device !== undefined)
    return { kind: 'device-lost', ...onlyStageOf(device.device, placement), device: device.device, reason: device.reason, certain: true };
  const blamed = mostBlamed(symptoms, placement);
  const gone = symptoms.find((symptom) => symptom.kind === 'stages-gone');
  if (blamed === undefined) {
    return gone === undefined
      ? undefined
      : { kind: 'stages-gone', ...onlyStageOf(gone.device, placement), device: gone.device, reason: gone.reason, certain: false };
  }
  return {
    kind: 'peer-lost',
    stage: blamed.stage,
    device: placement.get(blamed.stage) ?? 'unknown',
    reason: blamed.reason,
    certain: false,
  };
}

/** What the person reads. */
export function failureOf(verdict: Verdict, placement: ReadonlyMap<string, string>): MeshError {
  const stages = [...placement].filter(([, device]) => device === verdict.device).map(([stage]) => stage);
  const who = verdict.stage ?? stages.join(' and ');
  const subject = who === '' ? verdict.device : `${who} on ${verdict.device}`;
  return new MeshError('lost', `${subject} ${stages.length > 1 && verdict.stage === undefined ? 'were' : 'was'} lost: ${verdict.reason}`, {
    hint: `look at the log of the agent on ${verdict.device}, then run again`,
  });
}

function onlyStageOf(device: string, placement: ReadonlyMap<string, string>): { stage?: string } {
  const stages = [...placement].filter(([, where]) => where === device).map(([stage]) => stage);
  return stages.length === 1 ? { stage: stages[0]! } : {};
}

/** The stage that most others lost, among those that did not lose a peer themselves; the first reported when all did. */
function mostBlamed(symptoms: readonly Symptom[], placement: ReadonlyMap<string, string>): { stage: string; reason: string } | undefined {
  const victims = new Set(symptoms.flatMap((symptom) => (symptom.kind === 'stage-failed' ? [symptom.stage] : [])));
  const accusations = symptoms.flatMap(accusationOf).filter(({ stage }) => placement.has(stage));
  const fair = accusations.filter(({ stage }) => !victims.has(stage));
  const counted = fair.length > 0 ? fair : accusations;
  const score = (stage: string): number => counted.filter((accusation) => accusation.stage === stage).length;
  return counted.reduce<{ stage: string; reason: string } | undefined>(
    (best, next) => (best === undefined || score(next.stage) > score(best.stage) ? next : best),
    undefined,
  );
}

function accusationOf(symptom: Symptom): { stage: string; reason: string }[] {
  if (symptom.kind === 'stream-lost') return [{ stage: symptom.peer, reason: symptom.reason }];
  if (symptom.kind !== 'stage-failed') return [];
  const { stage, lostPeer, reason } = symptom;
  // A stage that lost the controller itself: its own link is to blame.
  const blamed = lostPeer === undefined || lostPeer === 'source' || lostPeer === 'sink' ? stage : lostPeer;
  return [{ stage: blamed, reason: blamed === stage ? reason : `${stage} says: ${reason}` }];
}
