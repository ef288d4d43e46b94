/** `controller drain`: runs leave a device, without a gap, before somebody takes it away. */
import { MeshError } from '../../mesh/error.ts';
import { isOver } from '../../mesh/run-order.ts';
import { AgentClient } from '../deploy/agent-client.ts';
import { MeshRuns } from '../detached/mesh-runs.ts';
import { takeOver } from '../detached/take-over.ts';
import { chooseMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { resolveDevice } from '../devices/resolve.ts';
import type { Command, Io } from './command.ts';
import { needed, parseOptions, positiveNumber } from './options.ts';

const usage = 'controller drain DEVICE [--timeout S]';
const TIMEOUT_S = 60;
/** How long one question may take: the answer comes before that, or when no stage is left. */
const ASK_MS = 2_000;

const help = `Moves everything away from a device, before it is switched off or updated.

Usage: ${usage} [--nats URL] [--mesh NAME]

  The device takes no new stages from now on. Runs whose stages are on it move them to other devices while frames flow on; a run
  that has nowhere else to go stays until it ends. Detached runs that it keeps (their source and sink) are kept by another device from
  then on, unless they read or write its files. The device takes stages again when its agent is started anew.

  DEVICE       a device's name, or its agent's HOST:PORT
  --timeout S  how long to wait until no stage is left, seconds (default ${TIMEOUT_S}); the device keeps draining after that
  --nats URL   the mesh's NATS server, to find a device by its name (default: NATS_URL)
  --mesh NAME  which mesh of several that share the server (default: default)

Exit code: 0 no stage and no run is left, 1 some are.
`;

export const drainCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('drain', argv, { timeout: 'text', nats: 'text', mesh: 'text' }, 1);
    const device = needed(positionals[0], 'the device', usage);
    const timeoutMs = (values.timeout === undefined ? TIMEOUT_S : positiveNumber('--timeout', values.timeout)) * 1000;
    const choice = chooseMesh(values, io.env);
    const { name, address } = await resolveDevice(device, choice, io.signal);
    using agent = new AgentClient(name, address);
    const endMs = io.now() + timeoutMs;
    let kept: readonly string[] | undefined;
    for (let told = -1; ; ) {
      const left = await agent.drain(ASK_MS, io.signal);
      // After it has begun to drain: what it keeps is not brought back to it.
      kept ??= name === address ? [] : await moveRuns(name, choice, io);
      if (left === 0) {
        if (kept.length > 0) throw new MeshError('conflict', `no stage is left on ${name}, but ${kept.join(', ')}`);
        io.stdout(`no stage is left on ${name}; it takes new ones when its agent is started anew\n`);
        return 0;
      }
      if (left !== told) io.stderr(`${left} ${left === 1 ? 'stage is' : 'stages are'} left on ${name}\n`);
      told = left;
      if (io.now() < endMs) continue;
      throw new MeshError('timeout', `${left} ${left === 1 ? 'stage is' : 'stages are'} left on ${name} after ${timeoutMs / 1000} s`, {
        hint: 'controller devices shows where else there is room; the device keeps draining',
      });
    }
  },
};

/** Detached runs that the device keeps go to others. Returns those that can't, for a person. */
async function moveRuns(device: string, choice: MeshChoice, { signal, stderr }: Io): Promise<string[]> {
  await using mesh = await MeshRuns.open(choice, signal);
  const found = await mesh.records.list();
  const stay: string[] = [];
  for (const each of found.filter(({ record }) => record.device === device && !isOver(record))) {
    const { run } = each.record.order;
    try {
      const host = await takeOver(mesh, each, { at: undefined, alive: true, signal });
      stderr(`run ${run} is kept by ${host} now\n`);
    } catch (error) {
      signal.throwIfAborted();
      stay.push(MeshError.from(error).message);
    }
  }
  return stay;
}
