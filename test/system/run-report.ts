/** `controller run --json`, for tests that expect it to succeed. */
import { readFileSync } from 'node:fs';
import type { RunReport } from '../../controller/report/run-report.ts';
import { violations } from '../controller/report/json-schema.ts';
import type { Mesh } from '../helpers/mesh-harness.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/schema/run.schema.json', import.meta.url), 'utf8')) as Record<string, unknown>;

/** The report, which is as its schema says. Fails when the run does. */
export async function run(mesh: Mesh, ...args: string[]): Promise<RunReport> {
  const result = await mesh.runController(['run', '--json', ...args]);
  if (result.code !== 0) throw new Error(`controller run ended with ${result.code}:\n${result.stderr}${result.stdout}`);
  const report = result.json() as RunReport;
  const wrong = violations(report, schema);
  if (wrong.length > 0) throw new Error(`the report is not as its schema says:\n${wrong.join('\n')}`);
  return report;
}
