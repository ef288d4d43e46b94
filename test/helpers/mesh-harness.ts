/**
 * A real mesh for one test: nats-server, agents and controllers as processes, on ports of their own.
 *
 *     const mesh = await startMesh(t, { agents: [{ name: 'a' }, { name: 'b', cpuQuota: 0.4 }] });
 *     const { code, json } = await mesh.runController(['run', '--split', 'lenet@layer2', '--on', 'a,b', '--json']);
 *     await mesh.agent('b').process.kill();
 *
 * Everything is gone when the test ends, and the test fails when something is not (leaks.ts).
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentProcess, type AgentSpec } from './agent-process.ts';
import { watchLeaks } from './leaks.ts';
import { type NatsOptions, NatsServer } from './nats-server.ts';
import { type Exit, type ProcessOptions, startProcess, type TestProcess } from './processes.ts';
import { controllerProgram } from './repository.ts';
import type { Scope } from './scope.ts';
import { sharedCache } from './shared-cache.ts';
import { tempFolder } from './temp-folder.ts';
import { nodeWarnings } from './warnings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface MeshOptions {
  readonly agents?: readonly AgentSpec[];
  /** False: no server, and controllers start what they need themselves. */
  readonly nats?: NatsOptions | false;
}

export interface ControllerResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
  /** What it printed with --json. Fails when stdout is anything but one JSON value. */
  json(): unknown;
}

export class Mesh {
  readonly nats: NatsServer | undefined;
  /** Gone after the test. */
  readonly folder: string;
  readonly #t: Scope;
  readonly #env: Environment;
  readonly #agents = new Map<string, AgentProcess>();

  constructor(t: Scope, folder: string, env: Environment, nats: NatsServer | undefined) {
    this.#t = t;
    this.folder = folder;
    this.#env = env;
    this.nats = nats;
  }

  agent(name: string): AgentProcess {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new Error(`this mesh has no agent "${name}", only ${[...this.#agents.keys()].join(', ')}`);
    return agent;
  }

  get agents(): readonly AgentProcess[] {
    return [...this.#agents.values()];
  }

  async addAgent(spec: AgentSpec): Promise<AgentProcess> {
    const agent = new AgentProcess(this.#t, spec, { folder: this.folder, natsUrl: this.nats?.url, env: this.#env });
    this.#agents.set(spec.name, agent);
    await agent.start();
    this.#t.teardown(async () => {
      await agent.process.end();
      failOnWarnings(agent.process);
    });
    return agent;
  }

  /** A controller that the test talks to while it runs: `signal('SIGINT')` is Ctrl-C. */
  startController(args: readonly string[], options: ProcessOptions = {}): TestProcess {
    const nats = this.nats === undefined ? {} : { NATS_URL: this.nats.url };
    return startProcess(this.#t, [process.execPath, controllerProgram, ...args], {
      ...options,
      env: { ...this.#env, ...nats, ...options.env },
    });
  }

  /** A controller from start to end. */
  async runController(args: readonly string[], options: ProcessOptions = {}): Promise<ControllerResult> {
    const controller = this.startController(args, options);
    controller.stdin.end();
    const exit = await controller.exit;
    failOnWarnings(controller);
    const { text: stdout } = controller.stdout;
    const { text: stderr } = controller.stderr;
    return { ...exit, stdout, stderr, json: () => parseJson(stdout, stderr) };
  }
}

export async function startMesh(t: Scope, options: MeshOptions = {}): Promise<Mesh> {
  const leaks = await watchLeaks(t);
  const folder = await tempFolder(t);
  const env = { ...(await privateHome(folder)), ...leaks.env };
  const nats = options.nats === false ? undefined : await NatsServer.start(t, { ...options.nats, env: { ...env, ...options.nats?.env } });
  const mesh = new Mesh(t, folder, env, nats);
  await Promise.all((options.agents ?? []).map((spec) => mesh.addAgent(spec)));
  return mesh;
}

/** The person's own settings, networks and records must neither be used nor changed. */
async function privateHome(folder: string): Promise<Environment> {
  const home = join(folder, 'home');
  await mkdir(home);
  const settings = Object.keys(process.env).filter((name) => /^(SPLITMESH|XDG|NATS)_/.test(name));
  return { ...Object.fromEntries(settings.map((name) => [name, undefined])), HOME: home, XDG_CACHE_HOME: sharedCache() };
}

function failOnWarnings(ended: TestProcess): void {
  const warnings = nodeWarnings(ended.stderr.lines);
  if (warnings.length > 0) throw new Error(`${ended.command.join(' ')} gave warnings:\n${warnings.join('\n')}`);
}

function parseJson(stdout: string, stderr: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`expected JSON and nothing else on stdout, found:\n${stdout}\nstderr:\n${stderr}`, { cause: error });
  }
}
