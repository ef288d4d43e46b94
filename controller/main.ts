/**
 * The controller's command line. Everything the commands need of the process (streams, environment, clocks, signals) is handed to them
 * from here.
 *
 *     Ctrl-C, SIGTERM: once ── the command stops, cleans up and returns; twice ── it is ended after a last moment for cleaning up
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { MeshError } from '../mesh/error.ts';
import { suggest } from '../mesh/suggest.ts';
import type { Command, CommandGroup, Io } from './cli/command.ts';
import { commands } from './cli/commands.ts';

/** How long, when the command is over, connections to peers that hang may keep the process. */
const EXIT_MS = 300;
/** What a second Ctrl-C still waits for. */
const LAST_MOMENT_MS = 500;

const help = `controller: runs deep neural networks across a handful of devices

Usage: controller COMMAND [OPTIONS]

${commands
  .filter(({ hidden }) => hidden !== true)
  .map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

  controller COMMAND --help   all options of a command
  controller --version        the version

For example: controller run --split resnet@layer12 --frames 200
`;

async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') {
    io.stdout(`splitmesh ${version()}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? io.stderr : io.stdout)(help);
    return name === undefined ? 2 : 0;
  }
  const found = commands.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const meant = suggest(
      name,
      commands.filter(({ hidden }) => hidden !== true).map((candidate) => candidate.name),
    );
    const hint = meant === undefined ? 'controller --help lists the commands' : `did you mean controller ${meant}?`;
    throw new MeshError('usage', `there is no command "${name}"`, { hint });
  }
  const loaded = await found.load();
  const { command, words, args } = 'words' in loaded ? await memberOf(name, loaded, rest) : { command: loaded, words: name, args: rest };
  // What stands behind -- is for somebody else.
  const end = args.indexOf('--');
  if (args.some((word, index) => (word === '--help' || word === '-h') && (end < 0 || index < end))) {
    io.stdout(command.help);
    return 0;
  }
  if (!('run' in command)) throw new MeshError('usage', `controller ${words}: what?`, { hint: `controller ${words} --help explains` });
  if (found.computesOnly !== true) {
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
  }
  return await command.run(args, io);
}

interface Chosen {
  readonly command: Command | CommandGroup;
  readonly words: string;
  readonly args: readonly string[];
}

/** The member of a group that the first word names; the group itself when it is an option or there is none. */
async function memberOf(name: string, group: CommandGroup, args: readonly string[]): Promise<Chosen> {
  const [word, ...rest] = args;
  if (word === undefined || word.startsWith('-')) return { command: group, words: name, args };
  const load = Object.hasOwn(group.words, word) ? group.words[word] : undefined;
  if (load !== undefined) return { command: await load(), words: `${name} ${word}`, args: rest };
  const meant = suggest(word, Object.keys(group.words));
  throw new MeshError('usage', `there is no controller ${name} ${word}`, {
    hint: meant === undefined ? `controller ${name} --help explains what there is` : `did you mean controller ${name} ${meant}?`,
  });
}

function version(): string {
  for (const above of ['../package.json', '../../package.json']) {
    try {
      const found = JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8')) as {
        readonly name?: string;
        readonly version?: string;
      };
      if (found.name === 'splitmesh' && found.version !== undefined) return found.version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}

function complain(thrown: unknown): number {
  const error = MeshError.from(thrown);
  process.stderr.write(`controller: error: ${error.message}\n`);
  if (error.hint !== undefined) process.stderr.write(`controller: hint: ${error.hint}\n`);
  // A programmer's mistake: the person can't help it, whoever gets the report can.
  if (!(thrown instanceof MeshError) && thrown instanceof Error && thrown.stack !== undefined) process.stderr.write(`${thrown.stack}\n`);
  return error.code === 'usage' ? 2 : 1;
}

const interrupted = new AbortController();

function interrupt(): void {
  if (!interrupted.signal.aborted) {
    interrupted.abort(new MeshError('cancelled', 'interrupted'));
    return;
  }
  process.stderr.write('controller: error: interrupted twice; ending now\n');
  setTimeout(() => process.exit(1), LAST_MOMENT_MS);
}
// Whoever reads our output may stop reading (`controller layers resnet | head`); that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const io: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  terminal: process.stderr.isTTY === true,
  // A terminal that does not know its width says 0.
  columns: process.stderr.columns || 80,
  tableColumns: process.stdout.isTTY === true ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY,
  env: process.env,
  get stdin() {
    return process.stdin;
  },
  signal: interrupted.signal,
  now: () => performance.now(),
  wallClock: () => Date.now(),
};

try {
  process.exitCode = await main(process.argv.slice(2), io);
} catch (error) {
  process.exitCode = complain(error);
}
setTimeout(() => process.exit(), EXIT_MS).unref();
