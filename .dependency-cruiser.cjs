/**
 * Who may import whom. The table of docs/architecture, as rules: each says what is forbidden, and why. Proven in test/tools/imports.test.ts.
 *
 *     proto/gen ◀── mesh ◀── partition ◀── controller           wasm ◀── mesh, agent, controller
 *                    ▲                        (never)
 *                    └────── agent ───────────────┘             test ──▶ everything, nothing ──▶ test
 */
'use strict';

const ours = '^(mesh|partition|wasm|agent|controller|proto|bin)/';
const npm = (name) => `(^|/)node_modules/${name}/`;

/** Files that may speak gRPC and generated messages in agent and controller: where a service is served, a client is made, messages are converted. */
const wiring = [
  '^(agent|controller)/.*\\b(service|services|server|client|wire|main)\\.ts$',
  '^(agent|controller)/.*\\b(services|clients)/',
];
const adapters = ['^mesh/grpc/', '^mesh/link/grpc(/|\\.ts$)', '^mesh/files/'];
const conversions = ['^mesh/.*\\bwire[-a-z]*\\.ts$', '^mesh/bus/messages\\.ts$'];

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    // Folders
    rule(
      'mesh-is-the-floor',
      'mesh holds what both daemons share; it knows neither of them',
      { path: '^mesh/' },
      { path: ours, pathNot: '^(mesh|proto/gen|wasm)/' },
    ),
    rule(
      'partition-is-pure',
      'partition is a library: nouns of mesh and the ONNX schema, nothing that runs',
      { path: '^partition/' },
      { path: ours, pathNot: '^(partition/|mesh/[^/]+\\.ts$|proto/gen/onnx)' },
    ),
    rule('wasm-stands-alone', 'wasm is a package of its own', { path: '^wasm/' }, { path: ours, pathNot: '^wasm/' }),
    rule('generated-stands-alone', 'generated code imports generated code', { path: '^proto/' }, { path: ours, pathNot: '^proto/gen/' }),
    rule(
      'agent-knows-no-controller',
      'agents serve any controller; what both need belongs to mesh',
      { path: '^agent/' },
      { path: '^controller/' },
    ),
    rule(
      'controller-knows-no-agent',
      'controllers reach agents over the wire only; what both need belongs to mesh',
      { path: '^controller/' },
      { path: '^agent/' },
    ),
    rule(
      'agent-knows-plans-as-types-only',
      "an agent carries out a stage's manifest, it does not partition",
      { path: '^agent/' },
      { path: '^partition/', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'agent-knows-only-the-plan',
      "an agent carries out a stage's manifest, it does not partition",
      { path: '^agent/' },
      { path: '^partition/', pathNot: '^partition/plan\\.ts$' },
    ),
    rule(
      'wasm-enters-at-main',
      'codecs are passed in from main.ts, so that everything else runs without them',
      { path: '^agent/', pathNot: '/main\\.ts$' },
      { path: '^wasm/' },
    ),
    rule(
      'agent-meets-its-stage-at-the-protocol',
      'ONNX Runtime must never be loaded into the agent',
      { path: '^agent/', pathNot: '^agent/stage/' },
      { path: '^agent/stage/', pathNot: '^agent/stage/(protocol|channel|bench/protocol)\\.ts$' },
    ),
    rule(
      'stage-stands-alone',
      'the stage process must stay small: mesh and wasm only',
      { path: '^agent/stage/' },
      { path: ours, pathNot: '^(agent/stage|mesh|wasm|proto/gen)/|^partition/plan\\.ts$' },
    ),
    rule(
      'scheduler-knows-nouns',
      'planners are pure: nouns of mesh, plans and graphs, where a graph can be cut, how frames flow through a plan',
      { path: '^controller/scheduler/' },
      { path: ours, pathNot: '^(controller/scheduler/|mesh/[^/]+\\.ts$|partition/(plan|graph)\\.ts$|partition/(cuts|flow)/)' },
    ),
    rule(
      'profiler-knows-nouns',
      'the profiler is pure: nouns of mesh and graphs',
      { path: '^controller/profiler/' },
      { path: ours, pathNot: '^(controller/profiler/|mesh/[^/]+\\.ts$|partition/graph\\.ts$)' },
    ),
    rule(
      'recovery-knows-nouns',
      'what to do when something breaks is decided purely: nouns of mesh and plans, words for people; the run carries it out',
      { path: '^controller/recovery/' },
      { path: ours, pathNot: '^(controller/(recovery|text)/|mesh/[^/]+\\.ts$|partition/plan\\.ts$)' },
    ),
    rule(
      'statistics-know-nouns',
      'statistics are pure, and know nothing of what is measured: nouns of mesh',
      { path: '^controller/statistics/' },
      { path: ours, pathNot: '^(controller/statistics/|mesh/[^/]+\\.ts$)' },
    ),
    rule(
      'history-knows-nouns',
      'what a history says is decided purely: nouns of mesh, statistics, words for people',
      { path: '^controller/history/' },
      { path: ours, pathNot: '^(controller/(history|statistics|text)/|mesh/[^/]+\\.ts$)' },
    ),
    rule(
      'pure-libraries-do-no-io',
      'time and randomness are passed in, results are returned',
      { path: '^controller/(scheduler|profiler|recovery|statistics|history)/' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?assert' },
    ),
    rule(
      'pure-libraries-need-no-packages',
      'time and randomness are passed in, results are returned',
      { path: '^controller/(scheduler|profiler|recovery|statistics|history)/' },
      { path: 'node_modules/' },
    ),
    rule(
      'nothing-imports-tests',
      'what a test helper and a program both need belongs to the program',
      { pathNot: '^test/' },
      { path: '^test/' },
    ),
    rule('nothing-imports-benchmarks', 'benchmarks are programs', { pathNot: '^(bench|test)/' }, { path: '^bench/' }),
    rule('nothing-imports-tools', 'tools are for this repository, not for the product', { pathNot: '^(tools|test)/' }, { path: '^tools/' }),

    // Adapters: a library that could be exchanged is known in one place
    rule(
      'grpc-in-its-adapters',
      'gRPC is known where it is adapted (mesh/grpc, mesh/link/grpc, mesh/files) and where a service is wired',
      { path: '^(mesh|partition|agent|controller|wasm)/', pathNot: [...adapters, ...wiring] },
      { path: [npm('@grpc/[^/]+'), npm('grpc-health-check')] },
    ),
    rule(
      'generated-messages-at-the-edges',
      'generated messages are converted once, with validation; inside, our own nouns are used',
      { path: '^(mesh|partition|agent|controller|wasm)/', pathNot: [...conversions, ...adapters, ...wiring] },
      { path: '^proto/gen/mesh/' },
    ),
    rule(
      'onnx-schema-in-partition',
      'only partition reads and writes ONNX files',
      { path: '^(mesh|agent|controller|wasm)/' },
      { path: '^proto/gen/onnx' },
    ),
    rule(
      'nats-in-its-adapter',
      'NATS is known in mesh/bus/nats*.ts only',
      { pathNot: '^(mesh/bus/(nats|nats-registry|nats-outputs)\\.ts$|test/|bench/|node_modules/)' },
      { path: npm('@nats-io/[^/]+') },
    ),
    rule(
      'runtime-in-the-stage',
      'whoever else needs a model run asks an agent',
      { pathNot: '^(agent/stage/|test/fixtures/|bench/|node_modules/)' },
      { path: npm('onnxruntime-(node|common)') },
    ),
    rule(
      'database-in-the-store',
      'SQLite is known in controller/store only',
      { path: '^(mesh|partition|agent|controller|wasm)/', pathNot: '^controller/store/' },
      { path: '^(node:)?sqlite$' },
    ),
    rule(
      'prometheus-in-metrics',
      'how Prometheus wants its text is known in agent/metrics only',
      { path: '^(mesh|partition|agent|controller|wasm)/', pathNot: '^agent/metrics/' },
      { path: npm('prom-client') },
    ),
    rule(
      'toml-in-its-adapter',
      'how TOML is parsed is known in mesh/toml.ts only',
      { path: '^(mesh|partition|agent|controller|wasm)/', pathNot: '^mesh/toml\\.ts$' },
      { path: npm('(toml-eslint-parser|smol-toml)') },
    ),
    rule(
      'cron-in-its-adapter',
      'how times of a schedule are found is known in controller/descriptor/cron.ts only',
      { path: '^(mesh|partition|agent|controller|wasm)/', pathNot: '^controller/descriptor/cron\\.ts$' },
      { path: npm('croner') },
    ),
    rule(
      'descriptors-do-no-io',
      'what a descriptor says is the same wherever it is read; files and addresses it names are looked at by whoever runs it',
      { path: '^controller/descriptor/' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?url$' },
    ),
    rule(
      'file-formats-in-export',
      'Parquet files and zip archives are written in controller/export only',
      { path: '^(mesh|partition|agent|controller|wasm)/', pathNot: '^controller/export/' },
      { path: [npm('hyparquet-writer'), npm('fflate')] },
    ),

    // Hygiene
    rule(
      'no-cycles',
      'files that need each other are one file, or miss a third',
      { path: `${ours}|^(test|bench|tools)/` },
      { circular: true },
    ),
    {
      ...rule('no-cycles-between-folders', 'folders have an order, too', { path: ours }, { circular: true }),
      scope: 'folder',
    },
    rule('resolvable', 'the import points at nothing', {}, { couldNotResolve: true }),
    rule('declared', 'a package must be in package.json', {}, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
    rule(
      'no-development-packages',
      'development packages are not there when splitmesh is installed',
      { path: ours },
      { dependencyTypes: ['npm-dev'] },
    ),
  ],
  options: {
    // Types count too: an import of a type is knowledge.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.cache|\\.git)/|^node_modules/\\.' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
    builtInModules: { add: ['node:sqlite', 'node:test'] },
  },
};
