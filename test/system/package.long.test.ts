/**
 * The npm package as a stranger gets it: packed, installed into an empty folder, run.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { watchLeaks } from '../helpers/leaks.ts';
import { oldNode } from '../helpers/node-versions.ts';
import { needs } from '../helpers/privileges.ts';
import { runProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import { OwnScope } from '../helpers/scope.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

/** A published package is small; models, tests and tools stay at home. */
const TARBALL_BYTES_MAX = 2_000_000;

const TOP_LEVEL = ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'package.json'];

/**
 * What an npm or ava that runs this test has put into the environment would steer the npm that the test starts; compiled code is kept where
 * the installed package keeps it.
 */
const ownEnvironment = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(npm_|INIT_CWD$|AVA_|NODE_OPTIONS$|ONNXRUNTIME_|NODE_COMPILE_CACHE$)/.test(name))
    .map((name) => [name, undefined]),
);

/** The package is for the pinned Node, or newer. */
const path = `${dirname(process.execPath)}:${process.env.PATH}`;

/**
 * The settings of the machine's npm (a registry, a certificate) lie beside the machine's Node: run by the pinned one, npm would look for them
 * there and not find them.
 */
function machineSettings(): Record<string, string> {
  const withoutOurs = path
    .split(delimiter)
    .filter((folder) => folder !== '' && !existsSync(join(folder, 'ava')) && folder !== dirname(process.execPath));
  try {
    const env = { ...process.env, ...ownEnvironment, PATH: withoutOurs.join(delimiter) };
    return { npm_config_globalconfig: execFileSync('npm', ['config', 'get', 'globalconfig'], { env, encoding: 'utf8' }).trim() };
  } catch {
    // No other Node on this machine: then there are no other settings either.
    return {};
  }
}

/** For what several tests use. */
const scope = new OwnScope();
test.after.always(() => scope.end());

let packing: Promise<string> | undefined;
/** Packs the package, which builds it first (`prepack`) and leaves dist/ built; once, because that takes long. Returns the tarball's path. */
function packedPackage(run: Run): Promise<string> {
  packing ??= (async () => {
    const folder = await tempFolder(scope);
    const name = await run(['npm', 'pack', '--silent', '--pack-destination', folder], { cwd: repository });
    return join(folder, name.trim());
  })();
  return packing;
}

test.serial('the packed package installs into an empty folder and runs there', async (t) => {
  t.timeout(300_000, 'packing, installing and running');
  const leaks = await watchLeaks(t);
  const folder = await tempFolder(t);
  const home = join(folder, 'home');
  const project = join(folder, 'project');
  const settings = machineSettings();
  for (const path of [home, project]) mkdirSync(path);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');

  const run: Run = (command, options) => runIn(t, command, { ...options, env: { ...settings, ...options.env } });

  // What is packed is what packing has built.
  rmSync(join(repository, 'dist'), { recursive: true, force: true });
  const tarball = await packedPackage(run);
  t.true(statSync(tarball).size <= TARBALL_BYTES_MAX, `${statSync(tarball).size} bytes`);

  await run(['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: project });
  const installed = join(project, 'node_modules/splitmesh');
  const extra = readdirSync(installed).filter((name) => !TOP_LEVEL.includes(name));
  t.deepEqual(extra, [], 'nothing but the product is in the package');

  const controller = (...args: string[]) =>
    run([join(project, 'node_modules/.bin/controller'), ...args], { cwd: project, env: { ...leaks.env, HOME: home } });
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string };
  t.true((await controller('--version')).includes(version));
  t.regex(await controller('layers', 'lenet'), /Conv/);
  const report = JSON.parse(await controller('run', '--split', 'lenet@layer2', '--frames', '5', '--json')) as {
    frames: { received: number; lost: number; duplicated: number };
  };
  t.like(report.frames, { received: 5, lost: 0, duplicated: 0 });

  // The library as its page says.
  const [, example] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(repository, 'docs/partition.md'), 'utf8'))!;
  writeFileSync(join(project, 'example.mjs'), example!);
  const printed = await run([process.execPath, 'example.mjs'], { cwd: project });
  t.regex(printed, /stages\/stage1\.onnx\nstages\/stage2\.onnx\n/);
  t.regex(printed, /'before', 'tile1', 'tile2', 'rest'/);
});

test.serial('blosc2-wasm is a package of its own: packed and installed, its page tells the truth, and no type is stripped', async (t) => {
  t.timeout(300_000, 'building, packing and installing');
  const folder = await tempFolder(t);
  const settings = machineSettings();
  const run: Run = (command, options) => runIn(t, command, { ...options, env: settings });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  await packedPackage(run);
  const packed = await run(['npm', 'pack', '--silent', '--pack-destination', folder], { cwd: join(repository, 'dist/wasm') });
  await run(['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.trim())], { cwd: folder });

  const installed = join(folder, 'node_modules/blosc2-wasm');
  const files = readdirSync(installed, { recursive: true }).map(String);
  t.deepEqual(
    files.filter((file) => !/^[a-z0-9-]+\.(js|d\.ts)$|^build(\/blosc2(-simd)?\.wasm)?$|^(LICENSE|README\.md|package\.json)$/.test(file)),
    [],
  );
  t.false(files.some((file) => file.includes('activations')));
  const examples = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
  for (const [about, printed] of [
    ['getItems', 'true true 40\n'],
    ['writeFrame', '3 12000 4000\n'],
  ] as const) {
    writeFileSync(join(folder, 'example.mjs'), examples.find((code) => code.includes(about))!);
    t.is(await run([process.execPath, '--no-experimental-strip-types', 'example.mjs'], { cwd: folder }), printed);
  }
});

type Run = (command: readonly string[], options: { cwd: string; env?: Record<string, string> }) => Promise<string>;

async function runIn(t: ExecutionContext, command: readonly string[], options: Parameters<Run>[1]): Promise<string> {
  const { code, stdout, stderr } = await runProcess(t, command, {
    cwd: options.cwd,
    env: { ...ownEnvironment, PATH: path, ...options.env },
  });
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

const old = oldNode();

for (const program of ['controller', 'agent']) {
  needs(test.serial, old === undefined ? 'needs a Node older than 22.20 in the PATH' : undefined)(
    `${program} says what is needed when it is started with a Node that is too old`,
    async (t) => {
      const { code, stdout, stderr } = await runProcess(t, [old!, join(repository, `bin/${program}.js`), '--version']);
      t.is(code, 1);
      t.is(stdout, '');
      t.regex(stderr, new RegExp(`^${program}: error: this is Node [\\d.]+; needed: Node 22\\.20 or newer\n${program}: hint: .*node@24`));
    },
  );
}
