/** Chart.js as one script that a page can carry: the package has it ready, with its licence in the first lines. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';

/** Beside the module that the package exports. */
const FILE = 'chart.umd.min.js';

/** Error `failed` when the package is not installed as it should be. */
export function chartLibrary(): string {
  let script: string;
  try {
    script = readFileSync(join(dirname(createRequire(import.meta.url).resolve('chart.js')), FILE), 'utf8');
  } catch (error) {
    throw new MeshError('failed', `the charting library can't be read: ${(error as Error).message}`, {
      hint: 'install splitmesh again: its package chart.js is not there',
      cause: error,
    });
  }
  // The source map lies elsewhere; what would end the script element can only be in a text, where it may be written so.
  return script.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n').replaceAll('</script', '<\\/script');
}
