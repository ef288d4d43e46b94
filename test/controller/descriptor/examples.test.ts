/** What the examples and the JSON schema say is what the validator says. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import test from 'ava';
import { readDescriptor } from '../../../controller/descriptor/read-descriptor.ts';
import { parseToml } from '../../../mesh/toml.ts';
import { violations } from '../report/json-schema.ts';
import { model, problemsOf, program } from './reading.ts';

const at = (path: string): URL => new URL(`../../../${path}`, import.meta.url);
const schema = JSON.parse(readFileSync(at('docs/schema/descriptor.schema.json'), 'utf8')) as Record<string, unknown>;
const folder = 'examples/benchmarks';

for (const name of readdirSync(at(folder)).filter((entry) => entry.endsWith('.toml'))) {
  const text = readFileSync(at(`${folder}/${name}`), 'utf8');
  test(`${folder}/${name} is good, also for editors, and its files are there and what it says`, (t) => {
    const { combinations, taskName } = readDescriptor({ name, text });
    t.is(taskName, basename(name, '.toml'));
    t.deepEqual(violations(parseToml(text, name).value, schema), []);
    for (const { from, digest } of combinations.flatMap(({ descriptor }) => descriptor.sources)) {
      if (from.kind !== 'file') continue;
      const bytes = readFileSync(new URL(from.path, at(`${folder}/`)));
      if (digest !== undefined) t.is(createHash(digest.algorithm).update(bytes).digest('hex'), digest.hex, from.path);
    }
  });
}

const tables = [...readFileSync(at('docs/descriptors.md'), 'utf8').matchAll(/```toml\n([\s\S]*?)```/g)].map(([, text]) => text!);

test('every example of the documentation that is a whole descriptor is good', (t) => {
  const whole = tables.filter((text) => text.includes('[info]'));
  t.true(whole.length >= 3);
  for (const text of whole) {
    t.deepEqual(problemsOf(text), [], text);
    t.deepEqual(violations(parseToml(text, 'b.toml').value, schema), []);
  }
});

test('the documentation has every key of the schema', (t) => {
  const documentation = readFileSync(at('docs/descriptors.md'), 'utf8');
  const keys = (node: unknown): string[] => {
    if (typeof node !== 'object' || node === null) return [];
    const own = Object.keys(((node as Record<string, unknown>).properties as object | undefined) ?? {});
    return [...own, ...Object.values(node).flatMap(keys)];
  };
  for (const key of new Set(keys(schema)))
    t.true(
      documentation.includes(`\`${key}\``) ||
        documentation.includes(`[${key}]`) ||
        new RegExp(`^## .*\\b${key}\\b`, 'm').test(documentation),
      key,
    );
});

/** One key wrong: editors see it as well as the command. */
const alsoForEditors: readonly string[] = [
  `${model}[hardwre]`,
  `${model}[hardware]\ncount = "2"`,
  `${model}[hardware]\nstrategy = "both"`,
  `${model}[hardware.limits]\ncpu = 0`,
  `${model}[hardware.limits]\nmemory = true`,
  `${model}[info.labels]\n"a b" = "x"`,
  `${program}[[data.sources]]\nsrc = "a"\nsha256 = "12"`,
  `${program}[server]\nstart = ["a"]\nprobe = {}`,
  `${program}[sweep]\na = [true]`,
  `${model}[ml.x]`,
];
test('what is wrong with one key is wrong for editors, too', (t) => {
  for (const text of alsoForEditors) {
    t.true(problemsOf(text).length > 0, text);
    t.true(violations(parseToml(text, 'b.toml').value, schema).length > 0, text);
  }
});
