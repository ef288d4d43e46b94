/** How a benchmark run ended. Running out of memory, and computing hardly anything because of too little of it, are not the same. */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'thrashing' }
  | { readonly kind: 'timed-out' }
  /** `signal` or `code`: how the process ended. */
  | { readonly kind: 'crashed'; readonly signal?: string; readonly code?: number }
  /** It never began. `why`: for a person. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'cancelled' };

export const outcomeKinds = [
  'ok',
  'out-of-memory',
  'thrashing',
  'timed-out',
  'crashed',
  'refused',
  'cancelled',
] as const satisfies readonly Outcome['kind'][];

/** For a person: `crashed (SIGSEGV)`. */
export function formatOutcome(outcome: Outcome): string {
  if (outcome.kind === 'crashed') return `crashed (${outcome.signal ?? `exit code ${outcome.code}`})`;
  return outcome.kind.replaceAll('-', ' ');
}
