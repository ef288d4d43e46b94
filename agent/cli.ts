/**
 * The agent's command line.
 */
import { type OptionKinds, parseWords } from '../mesh/command-line.ts';
import { flagNames, optionNames, type RawOptions } from './config.ts';

export const help = `Usage: agent [OPTION]...

Lends this device to a mesh: serves files and runs stages of neural networks for a controller. Logs to stderr, one JSON object per line.

  --listen HOST:PORT     where controllers and other agents reach it (default 127.0.0.1:7070; port 0 takes any free one)
  --insecure             allow an address beyond loopback: traffic is not encrypted, use it on a network you trust only
  --advertise HOST       the host name or address to tell others, when it is not the one in --listen
  --name NAME            the device's name in the mesh (default: the host name)
  --data DIR             where blobs and models are kept (default: splitmesh/agent in the XDG data folder)
  --nats URL             the mesh's NATS server, for example nats://192.168.1.10:4222; several with commas
  --mesh NAME            the mesh to join (default: default)
  --cpu-quota CORES      the agent and all its stages get no more than this share, for example 0.4; needs cgroups
  --memory SIZE          the agent and all its stages get no more memory than this (at least 32MiB), 512MiB for example; needs cgroups
  --drain-timeout SECONDS  how long stages and a benchmark may go on after the first SIGTERM (default 30)
  --run-folder DIR       where inputs and outputs of detached runs on this device may lie (default: the home folder)
  --metrics [HOST:]PORT  metrics for Prometheus at http://HOST:PORT/metrics (default: none; without HOST for this machine only); whoever
                         reaches that address can read them
  --allow-commands       benchmarks may be programs: whoever reaches this agent can run what this user can
  --config FILE          a TOML file with these options, without the dashes; the command line wins
  --log-level LEVEL      debug, info, warn or error (default info)
  --exit-with-stdin      stop when standard input closes, for programs that start an agent of their own
  --help                 print this and exit
  --version              print the version and exit

SIGTERM drains: no new stages and benchmarks, the present ones may finish. A second one stops at once.
`;

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly configFile: string | undefined; readonly flags: RawOptions };

/** Error `usage` for an option that does not exist, has no value, or is given twice. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const own = { help: 'flag', version: 'flag', config: 'text' } as const;
  const configured: OptionKinds = Object.fromEntries(optionNames.map((name) => [name, flagNames.includes(name) ? 'flag' : 'text']));
  const { help, version, config, ...flags } = parseWords('agent', argv, { ...configured, ...own }, 0).values;
  if (help === true) return { kind: 'help' };
  if (version === true) return { kind: 'version' };
  return { kind: 'run', configFile: config, flags };
}
