/**
 * Every import rule is shown to reject what it forbids: one small tree that breaks each of them once, and one that breaks none.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'ava';
import { runProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import type { Scope } from '../helpers/scope.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const config = join(repository, '.dependency-cruiser.cjs');

/** The rule that is broken, the file that breaks it, and its line. `import type` counts like `import` unless a rule says otherwise. */
const violations: readonly (readonly [rule: string, file: string, line: string])[] = [
  ['mesh-is-the-floor', 'mesh/a.ts', "import '../partition/plan.ts';"],
  ['mesh-is-the-floor', 'mesh/b.ts', "import type { A } from '../agent/free.ts';"],
  ['partition-is-pure', 'partition/a.ts', "import '../mesh/link/free.ts';"],
  ['partition-is-pure', 'partition/b.ts', "import '../controller/free.ts';"],
  ['wasm-stands-alone', 'wasm/a.ts', "import '../mesh/free.ts';"],
  ['generated-stands-alone', 'proto/gen/mesh/v1/a.ts', "import '../../../../mesh/free.ts';"],
  ['agent-knows-no-controller', 'agent/a.ts', "import type { A } from '../controller/free.ts';"],
  ['controller-knows-no-agent', 'controller/a.ts', "import type { A } from '../agent/free.ts';"],
  ['agent-knows-plans-as-types-only', 'agent/b.ts', "import { a } from '../partition/plan.ts';"],
  ['agent-knows-only-the-plan', 'agent/c.ts', "import type { A } from '../partition/graph.ts';"],
  ['wasm-enters-at-main', 'agent/d.ts', "import '../wasm/free.ts';"],
  ['agent-meets-its-stage-at-the-protocol', 'agent/e.ts', "import './stage/free.ts';"],
  ['stage-stands-alone', 'agent/stage/a.ts', "import '../free.ts';"],
  ['scheduler-knows-nouns', 'controller/scheduler/a.ts', "import '../free.ts';"],
  ['scheduler-knows-nouns', 'controller/scheduler/b.ts', "import '../../partition/layers.ts';"],
  ['profiler-knows-nouns', 'controller/profiler/a.ts', "import '../scheduler/free.ts';"],
  ['profiler-knows-nouns', 'controller/profiler/b.ts', "import '../../partition/plan.ts';"],
  ['recovery-knows-nouns', 'controller/recovery/a.ts', "import '../free.ts';"],
  ['recovery-knows-nouns', 'controller/recovery/b.ts', "import '../../mesh/link/free.ts';"],
  ['statistics-know-nouns', 'controller/statistics/a.ts', "import '../free.ts';"],
  ['history-knows-nouns', 'controller/history/a.ts', "import '../free.ts';"],
  ['history-knows-nouns', 'controller/history/b.ts', "import '../../mesh/link/free.ts';"],
  ['pure-libraries-do-no-io', 'controller/history/c.ts', "import 'node:fs';"],
  ['pure-libraries-need-no-packages', 'controller/statistics/d.ts', "import 'pino';"],
  ['pure-libraries-do-no-io', 'controller/recovery/c.ts', "import 'node:timers';"],
  ['pure-libraries-do-no-io', 'controller/scheduler/c.ts', "import 'node:fs';"],
  ['pure-libraries-do-no-io', 'controller/profiler/c.ts', "import 'node:fs/promises';"],
  ['pure-libraries-need-no-packages', 'controller/profiler/d.ts', "import 'pino';"],
  ['nothing-imports-tests', 'bench/a.ts', "import '../test/helpers/free.ts';"],
  ['nothing-imports-tests', 'mesh/c.ts', "import '../test/helpers/free.ts';"],
  ['nothing-imports-benchmarks', 'controller/b.ts', "import '../bench/free.ts';"],
  ['nothing-imports-tools', 'controller/c.ts', "import '../tools/free.ts';"],
  ['grpc-in-its-adapters', 'mesh/d.ts', "import '@grpc/grpc-js';"],
  ['grpc-in-its-adapters', 'controller/d.ts', "import type { Client } from '@grpc/grpc-js';"],
  ['grpc-in-its-adapters', 'agent/f.ts', "import '@grpc/reflection';"],
  ['generated-messages-at-the-edges', 'mesh/e.ts', "import '../proto/gen/mesh/v1/free.ts';"],
  ['generated-messages-at-the-edges', 'controller/run/a.ts', "import type { A } from '../../proto/gen/mesh/v1/free.ts';"],
  ['onnx-schema-in-partition', 'controller/e.ts', "import '../proto/gen/onnx/free.ts';"],
  ['nats-in-its-adapter', 'mesh/bus/a.ts', "import '@nats-io/transport-node';"],
  ['nats-in-its-adapter', 'controller/f.ts', "import type { KV } from '@nats-io/kv';"],
  ['runtime-in-the-stage', 'agent/g.ts', "import 'onnxruntime-node';"],
  ['runtime-in-the-stage', 'controller/g.ts', "import type { Tensor } from 'onnxruntime-node';"],
  ['database-in-the-store', 'controller/h.ts', "import 'node:sqlite';"],
  ['prometheus-in-metrics', 'agent/h.ts', "import 'prom-client';"],
  ['toml-in-its-adapter', 'agent/i.ts', "import 'toml-eslint-parser';"],
  ['cron-in-its-adapter', 'controller/k.ts', "import 'croner';"],
  ['descriptors-do-no-io', 'controller/descriptor/a.ts', "import 'node:fs';"],
  ['file-formats-in-export', 'controller/l.ts', "import 'hyparquet-writer';"],
  ['file-formats-in-export', 'agent/j.ts', "import type { Zip } from 'fflate';"],
  ['no-cycles', 'mesh/cycle-a.ts', "import './cycle-b.ts';"],
  ['no-cycles-between-folders', 'controller/one/a.ts', "import '../two/a.ts';"],
  ['resolvable', 'mesh/f.ts', "import './nothing.ts';"],
  ['declared', 'controller/i.ts', "import 'picomatch';"],
  ['no-development-packages', 'controller/j.ts', "import 'fast-check';"],
];

/** A cycle is reported at one of its files; an import of a type closes it, too. */
const closeTheCycles = [
  ['mesh/cycle-b.ts', "import type { A } from './cycle-a.ts';"],
  ['controller/two/b.ts', "import '../one/b.ts';"],
] as const;

const allowed: readonly (readonly [file: string, line: string])[] = [
  ['mesh/wire.ts', "import '../proto/gen/mesh/v1/free.ts';"],
  ['mesh/wire-stage.ts', "import '../proto/gen/mesh/v1/free.ts';"],
  ['mesh/link/grpc/server.ts', "import '@grpc/grpc-js';"],
  ['mesh/bus/nats.ts', "import '@nats-io/transport-node';"],
  ['partition/graph.ts', "import '../proto/gen/onnx/free.ts';"],
  ['partition/layers.ts', "import '../mesh/free.ts';"],
  ['agent/main.ts', "import '../wasm/free.ts';"],
  ['agent/files-service.ts', "import '@grpc/grpc-js';"],
  ['agent/stages.ts', "import type { A } from '../partition/plan.ts';\nimport type { B } from './stage/protocol.ts';"],
  ['agent/stage/session.ts', "import 'onnxruntime-node';\nimport '../../mesh/link/free.ts';"],
  ['agent/metrics/a.ts', "import 'prom-client';"],
  ['controller/agent-client.ts', "import '@grpc/grpc-js';\nimport '../proto/gen/mesh/v1/free.ts';"],
  ['controller/export/a.ts', "import 'hyparquet-writer';\nimport 'fflate';"],
  ['controller/store/store.ts', "import 'node:sqlite';"],
  ['mesh/toml.ts', "import 'toml-eslint-parser';"],
  ['controller/descriptor/cron.ts', "import 'croner';"],
  ['controller/descriptor/source-location.ts', "import 'node:url';"],
  ['controller/scheduler/a.ts', "import '../../partition/plan.ts';\nimport '../../mesh/free.ts';"],
  ['controller/profiler/a.ts', "import '../../partition/graph.ts';\nimport 'node:assert';"],
  ['controller/recovery/a.ts', "import type { A } from '../../partition/plan.ts';\nimport '../../mesh/free.ts';"],
  ['test/a.ts', "import '../agent/main.ts';\nimport '../controller/free.ts';\nimport 'fast-check';"],
  ['test/fixtures/models/a.ts', "import 'onnxruntime-node';"],
];

/** Files that rules and fixtures point at. */
const free = [
  ...['mesh/free.ts', 'mesh/link/free.ts', 'agent/free.ts', 'agent/stage/free.ts', 'agent/stage/protocol.ts', 'controller/free.ts'],
  ...['controller/scheduler/free.ts', 'partition/plan.ts', 'partition/graph.ts', 'partition/layers.ts', 'wasm/free.ts', 'bench/free.ts'],
  ...[
    'tools/free.ts',
    'test/helpers/free.ts',
    'controller/one/b.ts',
    'controller/two/a.ts',
    'proto/gen/mesh/v1/free.ts',
    'proto/gen/onnx/free.ts',
  ],
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

async function cruise(t: Scope, files: readonly (readonly [path: string, text: string])[]): Promise<Violation[]> {
  const folder = await tempFolder(t);
  for (const [path, text] of [...free.map((path) => [path, 'export const a = 1;'] as const), ...files]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\nexport type A = 1;\n`);
  }
  for (const name of ['node_modules', 'package.json', 'tsconfig.json']) symlinkSync(join(repository, name), join(folder, name));
  const program = join(repository, 'node_modules/.bin/depcruise');
  const { stdout, stderr } = await runProcess(t, [program, '--config', config, '--preserve-symlinks', '--output-type', 'json', '.'], {
    cwd: folder,
  });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

test('each forbidden import is rejected by its rule', async (t) => {
  const found = await cruise(t, [...violations.map(([, file, line]) => [file, line] as const), ...closeTheCycles]);
  for (const [rule, file, line] of violations) {
    t.true(
      // A cycle between folders is reported at the folder.
      found.some(({ from, rule: { name } }) => name === rule && (from === file || from === dirname(file))),
      `${file}: ${line} was not rejected by ${rule}`,
    );
  }
});

test('imports that the table allows are accepted', async (t) => {
  const found = await cruise(t, allowed);
  t.deepEqual(
    found.map(({ from, rule }) => `${from}: ${rule.name}`),
    [],
  );
});

test('every rule has a fixture that breaks it', (t) => {
  const { forbidden } = createRequire(import.meta.url)(config) as { forbidden: { name: string }[] };
  const broken = new Set(violations.map(([rule]) => rule));
  t.deepEqual([...broken].sort(), forbidden.map(({ name }) => name).sort());
});
