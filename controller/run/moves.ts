/** What a new plan changes for a person: which stage goes from where to where. */
import type { Plan } from '../../partition/plan.ts';

export interface Move {
  readonly stage: string;
  /** Undefined: there was no such stage. */
  readonly from: string | undefined;
  /** Undefined: there is no such stage any more. */
  readonly to: string | undefined;
}

/** In the order of the stages; those that stay are left out. */
export function movesOf(before: Plan, after: Plan): Move[] {
  const was = new Map(before.stages.map(({ id, device }) => [id, device]));
  const is = new Map(after.stages.map(({ id, device }) => [id, device]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((stage) => ({ stage, from: was.get(stage), to: is.get(stage) }))
    .filter(({ from, to }) => from !== to);
}

/** "stage2 moves from pb to pc"; "every stage stays where it is". */
export function formatMoves(moves: readonly Move[]): string {
  if (moves.length === 0) return 'every stage stays where it is';
  return moves
    .map(({ stage, from, to }) => {
      if (from === undefined) return `${stage} goes to ${to}`;
      return to === undefined ? `${stage} is no more` : `${stage} moves from ${from} to ${to}`;
    })
    .join(', ');
}
