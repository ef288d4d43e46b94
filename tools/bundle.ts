/**
 * The programs, each as one file: a process that loads a few hundred modules takes three times as long to start as one that loads their code at once,
 * which on a slow device is seconds, for every command, agent and stage.
 *
 *     agent/main.ts ── and all of ours that it imports ──▶ OUT/agent/main.js          packages stay outside, where they are installed
 *
 * OUT mirrors the repository; a module that looks for a neighbour finds it from where it would be there itself.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Whatever is started as a process or a thread. */
const PROGRAMS = [
  'agent/main',
  'agent/bench/load/main',
  'agent/stage/main',
  'agent/stage/bench/main',
  'agent/stage/session/main',
  'controller/main',
  'controller/store/worker',
  'mesh/files/append-thread',
];

/** `out`: an absolute path, where the packages of this repository are found. */
export async function bundlePrograms(out: string): Promise<void> {
  for (const program of PROGRAMS) {
    await build({
      absWorkingDir: root,
      entryPoints: [`${program}.ts`],
      outfile: join(out, `${program}.js`),
      bundle: true,
      packages: 'external',
      platform: 'node',
      target: 'node22.20',
      format: 'esm',
      logLevel: 'warning',
      plugins: [ownPlace(dirname(program))],
    });
  }
  cpSync(join(root, 'proto/mesh'), join(out, 'proto/mesh'), { recursive: true });
  cpSync(join(root, 'wasm/build'), join(out, 'wasm/build'), { recursive: true });
  const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(out, 'package.json'), `${JSON.stringify({ name, version, type })}\n`);
}

/** `import.meta.url` of a module is what it would be without bundling. `folder`: that of the bundle. */
function ownPlace(folder: string): Plugin {
  return {
    name: 'own-place',
    setup(bundle) {
      bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const place = relative(folder, relative(root, path)).replace(/\.ts$/, '.js');
        const text = readFileSync(path, 'utf8');
        return { contents: text.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`), loader: 'ts' };
      });
    },
  };
}
