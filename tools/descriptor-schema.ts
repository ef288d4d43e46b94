/**
 * docs/schema/descriptor.schema.json from the validator of descriptors:
 *
 *     node tools/descriptor-schema.ts [--compare]     writes it, or fails when it is not what would be written
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { descriptorJsonSchema } from '../controller/descriptor/json-schema.ts';

const path = fileURLToPath(new URL('../docs/schema/descriptor.schema.json', import.meta.url));

const text = formatted(JSON.stringify(descriptorJsonSchema()));
if (!process.argv.includes('--compare')) writeFileSync(path, text);
else if (text !== committed()) {
  console.error('docs/schema/descriptor.schema.json is not what the validator says; run `make gen` and commit it');
  process.exitCode = 1;
}

/** As `make fmt` would leave it. */
function formatted(json: string): string {
  const { status, stdout, stderr, error } = spawnSync('biome', ['format', `--stdin-file-path=${path}`], { input: json, encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(stderr);
  return stdout;
}

function committed(): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
