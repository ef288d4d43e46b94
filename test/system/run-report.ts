/** `controller run --json`, for tests that expect it to succeed. */
import { readFileSync } from 'node:fs';
import type { RunReport } from '../../controller/report/run-report.ts';
import { violations } from '../controller/report/json-schema.ts';
import type { Mesh } from '../helpers/mesh-harness.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/schema/run.schema.json', import.meta.url), 'utf8')) as Record<string, unknown>;

/** A mesh, and what controllers find in their environment besides. */
export interface Place {
  readonly mesh: Mesh;
  readonly env: Readonly<Record<string, string>>;
}

/** The report, which is as its schema says. Fails when the run does. */
export async function run(place: Mesh | Place, ...args: string[]): Promise<RunReport> {
  const { mesh, env } = 'env' in place ? place : { mesh: place, env: {} };
  const result = await mesh.runController(['run', '--json', ...args], { env });
  if (result.code !== 0) throw new Error(`controller run ended with ${result.code}:\n${result.stderr}${result.stdout}`);
  const report = result.json() as RunReport;
  const wrong = violations(report, schema);
  if (wrong.length > 0) throw new Error(`the report is not as its schema says:\n${wrong.join('\n')}`);
  return report;
}
