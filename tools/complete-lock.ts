/**
 * Completes package-lock.json. Tools such as biome and buf have one optional package per platform. A registry mirror may lack those for
 * platforms that its users do not have; npm then leaves them out of the lock file it writes, and later refuses that file as incomplete
 * (`npm ci`: "Missing … from lock file"). This adds what is missing, with what the name says about the platform:
 *
 *     node tools/complete-lock.ts        after `npm install` of a new version of such a tool
 *
 * The added entries have no checksum; the next `npm install` against a complete registry fills it in.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly license?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const systems = /(?:^|-)(linux|darwin|win32|android|freebsd)(?:-|$)/;
const processors: readonly (readonly [RegExp, string])[] = [
  [/x64|x86_64/, 'x64'],
  [/arm64|aarch64/, 'arm64'],
  [/armv?[67]?/, 'arm'],
];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Entry> };
const added: string[] = [];
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] !== undefined) continue;
    lock.packages[path] = platformEntry(name, version, parent);
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'package-lock.json was complete' : `added ${added.join(', ')}`);

function platformEntry(name: string, version: string, parent: Entry): Entry {
  const suffix = name.slice(name.lastIndexOf('/') + 1);
  const os = systems.exec(suffix)?.[1];
  const cpu = processors.find(([pattern]) => pattern.test(suffix))?.[1];
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new Error(`${name}@${version} is missing from package-lock.json, and its name does not say for which platform it is`);
  }
  const { dev, license, engines } = parent;
  return {
    version,
    cpu: [cpu],
    ...(dev === undefined ? {} : { dev }),
    ...(suffix.endsWith('-musl') ? { libc: ['musl'] } : {}),
    ...(license === undefined ? {} : { license }),
    optional: true,
    os: [os],
    ...(engines === undefined ? {} : { engines }),
  } as Entry;
}
