/** `controller drain`: runs leave a device, without a gap, before somebody takes it away. */
import { MeshError } from '../../mesh/error.ts';
import { AgentClient } from '../deploy/agent-client.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { resolveDevice } from '../devices/resolve.ts';
import type { Command } from './command.ts';
import { needed, parseOptions, positiveNumber } from './options.ts';

const usage = 'controller drain DEVICE [--timeout S]';
const TIMEOUT_S = 60;
/** How long one question may take: the answer comes before that, or when no stage is left. */
const ASK_MS = 2_000;

const help = `Moves everything away from a device, before it is switched off or updated.

Usage: ${usage} [--nats URL] [--mesh NAME]

  The device takes no new stages from now on. Runs whose stages are on it move them to other devices while frames flow on; a run
  that has nowhere else to go stays until it ends. The device takes stages again when its agent is started anew.

  DEVICE       a device's name, or its agent's HOST:PORT
  --timeout S  how long to wait until no stage is left, seconds (default ${TIMEOUT_S}); the device keeps draining after that
  --nats URL   the mesh's NATS server, to find a device by its name (default: NATS_URL)
  --mesh NAME  which mesh of several that share the server (default: default)

Exit code: 0 no stage is left, 1 some are.
`;

export const drainCommand: Command = {
  name: 'drain',
  summary: 'moves the stages of runs away from a device',
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('drain', argv, { timeout: 'text', nats: 'text', mesh: 'text' }, 1);
    const device = needed(positionals[0], 'the device', usage);
    const timeoutMs = (values.timeout === undefined ? TIMEOUT_S : positiveNumber('--timeout', values.timeout)) * 1000;
    const { name, address } = await resolveDevice(device, chooseMesh(values, io.env), io.signal);
    using agent = new AgentClient(name, address);
    const endMs = io.now() + timeoutMs;
    for (let told = -1; ; ) {
      const left = await agent.drain(ASK_MS, io.signal);
      if (left === 0) {
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
