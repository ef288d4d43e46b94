/** What a simulation looks at; see checks.ts and run-checks.ts. */
export type Property =
  | 'exactly once'
  | 'in order'
  | 'right bytes'
  | 'computed twice'
  | 'restarts'
  | 'bounded memory'
  | 'admission'
  | 'fencing'
  | 'drain'
  | 'spares'
  | 'the run ends'
  | 'nothing remains'
  | 'no stray errors';
