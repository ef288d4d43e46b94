/**
 * What the agent is told: flags and a TOML file with the same names; flags win. Everything that is wrong is said at once.
 */
import { isLoopback, splitAddress } from '../mesh/address.ts';
import { parseNatsUrl } from '../mesh/bus/nats-url.ts';
import { formatBytes, parseBytes } from '../mesh/bytes.ts';
import { MeshError } from '../mesh/error.ts';
import { checkName } from '../mesh/name.ts';
import { suggest } from '../mesh/suggest.ts';
import { parseToml, shownToml } from '../mesh/toml.ts';
import { CPU_QUOTA_CORES_MIN } from './cgroup/cpu-quota.ts';

/** With less the kernel refuses the limit, or ends the agent before it has said anything. */
const MEMORY_BYTES_MIN = 32 * 2 ** 20;

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export interface AgentConfig {
  /** HOST:PORT; port 0 takes any free one. */
  readonly listen: string;
  /** The host under which other machines reach this one; undefined: the one it listens on. */
  readonly advertise: string | undefined;
  readonly name: string;
  readonly data: string;
  /** Undefined: no NATS. */
  readonly nats: string | undefined;
  readonly mesh: string;
  readonly cpuQuotaCores: number | undefined;
  readonly memoryLimitBytes: number | undefined;
  readonly insecure: boolean;
  readonly logLevel: (typeof logLevels)[number];
  /** How long stages may go on after the first SIGTERM. */
  readonly drainTimeoutMs: number;
  readonly exitWithStdin: boolean;
  /** Below it lie inputs and outputs of detached runs. */
  readonly runFolder: string;
  /** Benchmarks may be programs of whoever reaches this agent. */
  readonly allowCommands: boolean;
  /** Where a Prometheus finds metrics, HOST:PORT; undefined: nowhere. */
  readonly metrics: string | undefined;
}

export interface ConfigDefaults {
  readonly hostname: string;
  /** Where the data folder is when nobody says otherwise. */
  readonly dataFolder: string;
  /** The same for the folder that is lent to runs. */
  readonly runFolder: string;
}

/** By option name, without dashes in front. */
export type RawOptions = Readonly<Record<string, unknown>>;

const readers = {
  listen: address,
  advertise: text,
  name: (value: unknown) => checkName(text(value), 'device'),
  data: text,
  nats: (value: unknown) => {
    parseNatsUrl(text(value));
    return text(value);
  },
  mesh: (value: unknown) => checkName(text(value), 'mesh'),
  'cpu-quota': cores,
  memory,
  insecure: flag,
  'log-level': logLevel,
  'drain-timeout': seconds,
  'exit-with-stdin': flag,
  'run-folder': text,
  'allow-commands': flag,
  metrics: addressOrPort,
} as const satisfies Record<string, (value: unknown) => unknown>;

type Key = keyof typeof readers;
type Values = { [K in Key]?: ReturnType<(typeof readers)[K]> };

export const optionNames = Object.keys(readers) as readonly Key[];
export const flagNames: readonly Key[] = ['insecure', 'exit-with-stdin', 'allow-commands'];

/** `fileName` is for messages. Error `usage` lists every unknown key, wrong type and value that makes no sense, one per line. */
export function readConfig(
  flags: RawOptions,
  file: { readonly name: string; readonly text: string } | undefined,
  defaults: ConfigDefaults,
): AgentConfig {
  const problems: string[] = [];
  const fromFile = file === undefined ? {} : readFile(file, problems);
  const values: Values = { ...fromFile, ...readValues(flags, () => '--', problems) };
  const listen = values.listen ?? '127.0.0.1:7070';
  if (problems.length === 0 && !isLoopback(splitAddress(listen).host) && values.insecure !== true) {
    problems.push(
      `--listen ${listen} is not a loopback address, and traffic is not encrypted: add --insecure when every machine on this network is trusted`,
    );
  }
  if (problems.length > 0) throw new MeshError('usage', problems.join('\n'), { hint: 'agent --help lists all options' });
  return {
    listen,
    advertise: values.advertise,
    name: values.name ?? sanitiseName(defaults.hostname),
    data: values.data ?? defaults.dataFolder,
    nats: values.nats,
    mesh: values.mesh ?? 'default',
    cpuQuotaCores: values['cpu-quota'],
    memoryLimitBytes: values.memory,
    insecure: values.insecure ?? false,
    logLevel: values['log-level'] ?? 'info',
    drainTimeoutMs: values['drain-timeout'] ?? 30_000,
    exitWithStdin: values['exit-with-stdin'] ?? false,
    runFolder: values['run-folder'] ?? defaults.runFolder,
    allowCommands: values['allow-commands'] ?? false,
    metrics: values.metrics,
  };
}

/** A host name as a device name: what is not allowed becomes a dash. */
export function sanitiseName(hostname: string): string {
  const name = hostname
    .replace(/\..*$/, '')
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 64);
  return name === '' ? 'device' : name;
}

function readFile(file: { readonly name: string; readonly text: string }, problems: string[]): Values {
  const document = parseToml(file.text, file.name);
  return readValues(document.value, (key) => `${file.name}:${document.lineOf([key])}: `, problems);
}

/** `prefix` of a message about a key: where it stands. */
function readValues(raw: RawOptions, prefix: (key: string) => string, problems: string[]): Values {
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    const reader = Object.hasOwn(readers, key) ? readers[key as Key] : undefined;
    if (reader === undefined) {
      const meant = suggest(key, optionNames);
      problems.push(`${prefix(key)}${key} is not an option${meant === undefined ? '' : `; did you mean ${meant}?`}`);
      continue;
    }
    try {
      values[key] = reader(value);
    } catch (error) {
      problems.push(`${prefix(key)}${key}: ${(error as Error).message}`);
    }
  }
  return values as Values;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new MeshError('usage', `expected a text in quotes, found ${shownToml(value)}`);
  if (value === '') throw new MeshError('usage', 'expected a text that is not empty');
  return value;
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new MeshError('usage', `expected true or false, found ${shownToml(value)}`);
  return value;
}

function address(value: unknown): string {
  splitAddress(text(value));
  return text(value);
}

/** A port alone, also as a number of the file, is one of this machine's own. */
function addressOrPort(value: unknown): string {
  const port = typeof value === 'number' ? `${value}` : text(value);
  return address(/^\d+$/.test(port) ? `127.0.0.1:${port}` : port);
}

/** On the command line numbers arrive as text; in the file they are numbers. */
function positive(value: unknown, what: string): number {
  const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !(number > 0) || !Number.isFinite(number))
    throw new MeshError('usage', `expected ${what}, found ${shownToml(value)}`);
  return number;
}

function cores(value: unknown): number {
  const number = positive(value, 'a number of cores, for example 0.4');
  if (number < CPU_QUOTA_CORES_MIN)
    throw new MeshError('usage', `${number} cores are too few to be enforced: expected at least ${CPU_QUOTA_CORES_MIN}`);
  return number;
}

function memory(value: unknown): number {
  const bytes = parseBytes(typeof value === 'number' ? `${value}` : text(value));
  if (bytes < MEMORY_BYTES_MIN)
    throw new MeshError('usage', `${formatBytes(bytes)} are too little for an agent: expected at least ${formatBytes(MEMORY_BYTES_MIN)}`);
  return bytes;
}

function seconds(value: unknown): number {
  return positive(value, 'a number of seconds') * 1000;
}

function logLevel(value: unknown): (typeof logLevels)[number] {
  const level = logLevels.find((candidate) => candidate === value);
  if (level === undefined) throw new MeshError('usage', `expected one of ${logLevels.join(', ')}, found ${shownToml(value)}`);
  return level;
}
