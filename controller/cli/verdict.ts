/** What a run's report means for the exit code, and what is said about it. */
import type { RunReport } from '../report/run-report.ts';
import type { Io } from './command.ts';

/** Each frame came out once and in order. */
export function isComplete({ frames }: RunReport): boolean {
  return frames.lost === 0 && frames.duplicated === 0 && frames.outOfOrder === 0;
}

/** 0, or 1 with the reason on stderr. */
export function verdict(report: RunReport, io: Pick<Io, 'stderr'>): number {
  const { verify } = report;
  if (!verify.passed) {
    io.stderr('controller: error: verification failed: the split model computes something else than the whole one\n');
    io.stderr('controller: hint: a model that draws random numbers always does (RandomNormal, Dropout in training mode): --verify off\n');
  }
  const complete = isComplete(report);
  if (!complete) io.stderr('controller: error: the output is not complete, each frame once and in order\n');
  return verify.passed && complete ? 0 : 1;
}
