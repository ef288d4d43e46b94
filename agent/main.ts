/**
 * The agent's entry: the only file of the daemon that touches the command line, the environment, the clock and the process itself.
 *
 * Limits come first: the rest of the agent is loaded when it is in its group, so that what it allocates is counted there.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, enableCompileCache } from 'node:module';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { splitAddress } from '../mesh/address.ts';
import { clockOf } from '../mesh/clock.ts';
import { MeshError } from '../mesh/error.ts';
import { advertisedHost } from './advertised-host.ts';
import { realCgroupFiles } from './cgroup/cgroup-files.ts';
import { detectHierarchies } from './cgroup/detect.ts';
import { type DeviceGroup, openDeviceGroup } from './cgroup/device-group.ts';
import type { CgroupLimits } from './cgroup/hierarchy.ts';
import { help, parseCommandLine } from './cli.ts';
import { type AgentConfig, readConfig } from './config.ts';
import type { Daemon } from './daemon.ts';
import { openDataFolder } from './data-folder.ts';
import type { MetricsServer } from './metrics/metrics-server.ts';
import { whenAskedToStop } from './signals.ts';

/** How long stages may take to end by themselves when the agent stops. */
const STOP_PATIENCE_MS = 2_000;
/** The same when whoever started the agent has closed its input: nobody waits for what a stage still has to say. */
const CLOSED_PATIENCE_MS = 100;

/**
 * The C library's memory allocator as a stage wants it: it keeps blocks of up to 32 MiB (the most it allows) and returns nothing to the kernel
 * until 256 MiB lie idle. As a rule it hands every tensor back at once, and each one after it costs a page fault per 4 KiB.
 */
const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: String(32 * 1024 ** 2), MALLOC_TRIM_THRESHOLD_: String(256 * 1024 ** 2) };

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { code, message, hint } = MeshError.from(error);
  for (const line of message.split('\n')) process.stderr.write(`agent: error: ${line}\n`);
  if (hint !== undefined) process.stderr.write(`agent: hint: ${hint}\n`);
  // A mistake of ours: whoever reports it needs to say where it happened.
  if (!(error instanceof MeshError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = code === 'usage' ? 2 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  const commandLine = parseCommandLine(argv);
  if (commandLine.kind === 'help') process.stdout.write(help);
  else if (commandLine.kind === 'version') process.stdout.write(`splitmesh ${versionOf('../package.json')}\n`);
  else
    await run(
      readConfig(commandLine.flags, configFile(commandLine.configFile), {
        hostname: os.hostname(),
        dataFolder: join(userFolder('XDG_DATA_HOME', '.local/share'), 'splitmesh', 'agent'),
        runFolder: os.homedir(),
      }),
    );
  return 0;
}

async function run(config: AgentConfig): Promise<void> {
  using stopping = whenAskedToStop(process, config.exitWithStdin ? process.stdin : undefined);
  await using folder = await openDataFolder(config.data, process.pid);
  const limits: CgroupLimits = {
    ...(config.cpuQuotaCores === undefined ? {} : { cpuQuotaCores: config.cpuQuotaCores }),
    ...(config.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: config.memoryLimitBytes }),
  };
  const { group, why } = openGroup(config.name, limits);
  try {
    // Compiled code is kept for the next start, of stages too: that is faster, and from source it saves the 30 MB of the type stripper.
    const compileCache = process.env.NODE_COMPILE_CACHE ?? join(userFolder('XDG_CACHE_HOME', '.cache'), 'splitmesh', 'node');
    enableCompileCache(compileCache);
    const [{ startDaemon }, { openNats }, { readHardware }, { LoadMeter }, { createLog }] = await Promise.all([
      import('./daemon.ts'),
      import('../mesh/bus/nats.ts'),
      import('./hardware.ts'),
      import('./load-meter.ts'),
      import('./log.ts'),
    ]);
    const log = createLog(config.logLevel, config.name);
    if (why !== undefined) log.info({ why }, 'no cgroups: stages run without limits');
    const clock = clockOf(() => performance.now());
    const meter = new LoadMeter('/', folder.path);
    const onBusError = (error: unknown, subject: string): void => log.warn({ err: error, subject }, 'bus error');
    const bus =
      config.nats === undefined ? undefined : openNats({ url: config.nats, clientName: `agent ${config.name}`, onError: onBusError });
    bus?.onState((state) => log[state === 'disconnected' ? 'warn' : 'info'](`NATS ${state}`));
    const daemon = await startDaemon({
      name: config.name,
      mesh: config.mesh,
      listen: config.listen,
      insecure: config.insecure,
      advertisedHost: config.advertise ?? advertisedHost(splitAddress(config.listen).host, os.networkInterfaces()),
      dataFolder: folder.path,
      hardware: readHardware('/', folder.path),
      limits,
      group,
      bus,
      softwareVersion: versionOf('../package.json'),
      nodeVersion: process.versions.node,
      runtimeVersion: versionOf('onnxruntime-node/package.json'),
      stageProgram: ownProgram('./stage/main'),
      node: process.execPath,
      stageEnv: stageEnv(compileCache),
      benchProgram: ownProgram('./stage/bench/main'),
      loadProgram: ownProgram('./bench/load/main'),
      runtimeFiles: runtimeFiles(),
      allowCommands: config.allowCommands,
      runs:
        config.nats === undefined
          ? undefined
          : { program: ownProgram('../controller/main'), env: runEnv(compileCache, config.nats), folder: config.runFolder },
      readLoad: () => meter.read(clock.now()),
      clock,
      wallClock: () => Date.now(),
      log,
    }).catch(async (error: unknown) => {
      await bus?.close();
      throw error;
    });
    if (config.insecure) log.warn('--insecure: traffic is not encrypted and anyone who reaches this address can use this device');
    await using metrics = await serveMetrics(config, daemon, folder.path, log).catch(async (error: unknown) => {
      await daemon.stop(0);
      throw error;
    });
    log.info(
      {
        address: daemon.address,
        advertised: daemon.device.address,
        mesh: config.mesh,
        metrics: metrics?.address,
        pid: process.pid,
        ...limits,
      },
      'listening',
    );

    const how = await stopping.first;
    log.info({ how }, how === 'stdin closed' ? 'stopping' : 'stopping: stages and a benchmark may finish');
    if (how !== 'stdin closed') {
      daemon.drain();
      await daemon.idle(AbortSignal.any([stopping.second, AbortSignal.timeout(config.drainTimeoutMs)]));
    }
    const patienceMs = how === 'stdin closed' ? CLOSED_PATIENCE_MS : STOP_PATIENCE_MS;
    const stopped = daemon.stop(stopping.second.aborted ? 0 : patienceMs);
    stopping.second.addEventListener('abort', () => void daemon.stop(0), { once: true });
    await stopped;
    log.info('stopped');
  } finally {
    group?.close();
  }
}

/** Error as for every address that can't be listened on. */
async function serveMetrics(config: AgentConfig, daemon: Daemon, dataFolder: string, log: Logger): Promise<MetricsServer | undefined> {
  if (config.metrics === undefined) return undefined;
  const [{ MetricsServer }, { createCollector }] = await Promise.all([
    import('./metrics/metrics-server.ts'),
    import('./metrics/collector.ts'),
  ]);
  const collect = createCollector({
    root: '/',
    dataFolder,
    mesh: config.mesh,
    device: daemon.device,
    machine: os.machine(),
    softwareVersion: versionOf('../package.json'),
    activity: daemon.activity,
    now: () => performance.now(),
  });
  return await MetricsServer.listen(config.metrics, collect, (error) => log.error({ err: error }, 'metrics could not be told'));
}

/** Without limits to enforce, groups are welcome (they measure), not needed. Error `denied` when there are limits to enforce. */
function openGroup(name: string, limits: CgroupLimits): { readonly group?: DeviceGroup; readonly why?: string } {
  try {
    const hierarchies = detectHierarchies(realCgroupFiles());
    return { group: openDeviceGroup({ hierarchies, name, pid: process.pid, limits, isAlive }) };
  } catch (error) {
    if (Object.keys(limits).length > 0) throw error;
    return { why: MeshError.from(error).message };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function configFile(name: string | undefined): { readonly name: string; readonly text: string } | undefined {
  if (name === undefined) return undefined;
  try {
    return { name, text: readFileSync(name, 'utf8') };
  } catch (error) {
    throw new MeshError('usage', `the file given with --config can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A folder of the XDG base directory specification. */
function userFolder(variable: string, belowHome: string): string {
  const given = process.env[variable];
  return given === undefined || given === '' ? join(os.homedir(), belowHome) : given;
}

/** Of this package, or of one it depends on: package.json lies beside the code, in a checkout and in the published package alike. */
function versionOf(packageFile: string): string {
  const require = createRequire(import.meta.url);
  return (require(packageFile) as { readonly version: string }).version;
}

/** The native half of ONNX Runtime for this machine. */
function runtimeFiles(): string[] {
  const root = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
  const own = join(process.platform, process.arch);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.endsWith(own))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** In the form this program runs in: source or compiled. */
function ownProgram(path: string): string {
  return fileURLToPath(new URL(`${path}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
}

/** A run's process is a controller of this user. The server's URL may hold a password, which must not be seen in a list of processes. */
function runEnv(compileCache: string, nats: string): Record<string, string> {
  const names = ['HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'SPLITMESH_DATA'];
  return { ...stageEnv(compileCache), ...given(names), NATS_URL: nats };
}

/** Nothing secret: what a program needs to run, and no telemetry of the runtime. */
function stageEnv(compileCache: string): Record<string, string> {
  const names = ['PATH', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'LD_LIBRARY_PATH'];
  return { ORT_DISABLE_TELEMETRY: '1', NODE_COMPILE_CACHE: compileCache, ...ALLOCATOR, ...given(names) };
}

function given(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
