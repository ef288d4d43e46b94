/**
 * A real Prometheus and a real Node Exporter, as Debian packages them, on loopback ports of their own. The packages are unpacked into .cache, not installed:
 * nothing is added to the machine, and no service is started.
 *
 *     needs(test.serial, prometheusMissing())('…', async (t) => { const prometheus = await startPrometheus(t, jobs); … })
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { startProcess, type TestProcess } from './processes.ts';
import { repository } from './repository.ts';
import type { Scope } from './scope.ts';
import { tempFolder } from './temp-folder.ts';
import { waitUntil } from './wait-until.ts';

const packages = ['prometheus', 'prometheus-node-exporter'] as const;
const unpacked = join(repository, '.cache', 'debian-prometheus');

type Program = 'prometheus' | 'promtool' | 'prometheus-node-exporter';

let why: string | undefined | false = false;

/** Why there is no Prometheus for tests; undefined when there is one. Fetches it the first time. */
export function prometheusMissing(): string | undefined {
  if (why === false) why = installed() ? undefined : fetchPackages();
  return why;
}

function installed(): boolean {
  return existsSync(join(unpacked, 'usr/bin/promtool'));
}

export function programPath(name: Program): string {
  return join(unpacked, 'usr/bin', name);
}

function fetchPackages(): string | undefined {
  const cache = join(repository, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'fetching-'));
  const run = (program: string, ...args: string[]): boolean =>
    spawnSync(program, args, { cwd: folder, stdio: 'ignore', timeout: 120_000 }).status === 0;
  try {
    if (!run('apt-get', 'download', ...packages)) return "needs Debian's packages prometheus and prometheus-node-exporter";
    for (const file of readdirSync(folder)) if (!run('dpkg-deb', '-x', file, 'all')) return `${file} could not be unpacked`;
    // Another process of the tests may have been faster.
    if (!installed()) renameSync(join(folder, 'all'), unpacked);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface ScrapeJob {
  readonly name: string;
  /** HOST:PORT */
  readonly targets: readonly string[];
}

export interface Prometheus {
  readonly url: string;
  readonly process: TestProcess;
  /** What a query yields now: labels and values. */
  query(expression: string): Promise<readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[]>;
}

/** Scrapes once a second. Ready when it answers queries. */
export async function startPrometheus(t: Scope, jobs: readonly ScrapeJob[]): Promise<Prometheus> {
  const folder = await tempFolder(t);
  const config = join(folder, 'prometheus.json');
  const scrapes = jobs.map(({ name, targets }) => ({ job_name: name, static_configs: [{ targets }] }));
  // JSON is YAML, too.
  await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: scrapes }));
  const url = `http://127.0.0.1:${await freePort()}`;
  const process = startProcess(t, [
    programPath('prometheus'),
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${url.slice('http://'.length)}`,
  ]);
  await answers(`${url}/-/ready`);
  return { url, process, query: (expression) => query(url, expression) };
}

/** On another host than 127.0.0.1 it may be another device. */
export async function startNodeExporter(t: Scope, host: string): Promise<{ readonly address: string; readonly process: TestProcess }> {
  const address = `${host}:${await freePort()}`;
  const process = startProcess(t, [programPath('prometheus-node-exporter'), `--web.listen-address=${address}`]);
  await answers(`http://${address}/`);
  return { address, process };
}

async function query(url: string, expression: string): ReturnType<Prometheus['query']> {
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expression }) });
  const { data } = (await response.json()) as { data: { result: Awaited<ReturnType<Prometheus['query']>> } };
  return data.result;
}

async function answers(url: string): Promise<void> {
  const ok = (): Promise<boolean> =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitUntil(`${url} answers`, ok, 20_000);
}
