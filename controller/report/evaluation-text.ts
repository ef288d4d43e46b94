/** An evaluation in the terminal: a table of whole models, one of parts, and what its words mean. */
import type { EvaluationReport } from '../profiler/evaluation/evaluation-report.ts';
import { judgedKinds } from '../profiler/evaluation/identity.ts';
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';
import { evaluatedText, evaluationNotes, evaluationTitle, kindTitles, resultHead, resultRows } from './evaluation-words.ts';

/** Lines longer than that are hard to read. */
const WIDTH_MAX = 100;

/** Lines joined by line breaks, with one at the end. */
export function evaluationText(report: EvaluationReport, columns: number): string {
  const head = resultHead.map(({ title, numeric }): Column => ({ title, align: numeric ? 'right' : 'left' }));
  const tables = judgedKinds.flatMap((kind) => {
    const rows = resultRows(report, kind);
    return rows.length === 0 ? [] : [kindTitles[kind], ...formatTable(head, rows, columns), ''];
  });
  const notes = evaluationNotes(report).flatMap(([title, text]) => wrapped(title, text, Math.min(columns, WIDTH_MAX)));
  return `${[`${evaluationTitle}: ${evaluatedText(report)}`, '', ...tables, ...notes].join('\n')}\n`;
}
