/**
 * What codecs may do to a run's outputs: `top1>=99.5%`, `max-abs<=0.01`, or both, separated by a comma. Compared is what the same stages
 * make of the same frame when everything travels without loss.
 */
import { MeshError } from '../../mesh/error.ts';

export interface ErrorBudget {
  /** Least share of frames whose first choice stays the same, 0 to 1. */
  readonly top1Min: number | undefined;
  /** Most that any output value may be away, in the output's units. */
  readonly maxAbs: number | undefined;
}

/** How far the outputs of one frame are from those without loss. */
export interface OutputError {
  /** Infinity when they can't be compared. */
  readonly maxAbs: number;
  readonly sameTop1: boolean;
}

/** Several frames. */
export interface ErrorTally {
  readonly frames: number;
  readonly sameTop1: number;
  readonly maxAbs: number;
}

export const noErrors: ErrorTally = { frames: 0, sameTop1: 0, maxAbs: 0 };

const number = '([0-9]+(?:\\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\\.[0-9]+)';
const top1 = new RegExp(`^top-?1\\s*>=\\s*${number}\\s*%$`);
const maxAbs = new RegExp(`^max-?abs\\s*<=\\s*${number}$`);

/** Error `usage` says which part makes no sense. */
export function parseErrorBudget(text: string): ErrorBudget {
  let budget: ErrorBudget = { top1Min: undefined, maxAbs: undefined };
  for (const part of text.split(',').map((each) => each.trim())) {
    const [share, most] = [top1.exec(part)?.[1], maxAbs.exec(part)?.[1]];
    if (share !== undefined && budget.top1Min === undefined) budget = { ...budget, top1Min: shareOf(share) };
    else if (most !== undefined && budget.maxAbs === undefined) budget = { ...budget, maxAbs: Number(most) };
    else throw wrong(share === undefined && most === undefined ? `"${part}" is no budget` : `"${part}" says again what was said before`);
  }
  return budget;
}

export function formatErrorBudget({ top1Min, maxAbs: most }: ErrorBudget): string {
  const parts = [
    ...(top1Min === undefined ? [] : [`top1>=${Number((top1Min * 100).toPrecision(12))}%`]),
    ...(most === undefined ? [] : [`max-abs<=${most}`]),
  ];
  return parts.join(',');
}

export function tallied(tally: ErrorTally, { maxAbs: most, sameTop1 }: OutputError): ErrorTally {
  return {
    frames: tally.frames + 1,
    sameTop1: tally.sameTop1 + (sameTop1 ? 1 : 0),
    maxAbs: Math.max(tally.maxAbs, most),
  };
}

/** `margin`: part of the largest error allowed that is used; the next frames will find larger ones than the first. */
export function isWithin({ top1Min, maxAbs: most }: ErrorBudget, tally: ErrorTally, margin = 1): boolean {
  const agrees = top1Min === undefined || tally.sameTop1 >= top1Min * tally.frames - ROUNDING;
  return agrees && (most === undefined || tally.maxAbs <= most * margin);
}

/** So many frames, at least, tell whether the budget is kept. */
export function framesToJudge({ top1Min }: ErrorBudget): number {
  return top1Min === undefined ? FRAMES_MIN : Math.min(FRAMES_MAX, Math.max(FRAMES_MIN, Math.ceil(1 / Math.max(1 - top1Min, 1e-9))));
}

/** 7 % of 100 frames are 7.000000000000001. */
const ROUNDING = 1e-9;
const FRAMES_MIN = 32;
const FRAMES_MAX = 400;

function shareOf(text: string): number {
  const percent = Number(text);
  if (percent > 100) throw wrong(`top1 can't be more than 100 %, found ${text} %`);
  return percent / 100;
}

function wrong(what: string): MeshError {
  return new MeshError('usage', `--error-budget: ${what}`, { hint: 'for example --error-budget "top1>=99.5%" or "max-abs<=0.01"' });
}
