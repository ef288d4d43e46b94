/** scp to an sshd of our own on a free loopback port, with keys made for the occasion. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { end } from './agent-process.ts';

const run = promisify(execFile);
const START_TIMEOUT_MS = 5_000;

export class Scp implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  readonly #sshd: ChildProcess;

  private constructor(folder: string, port: number, sshd: ChildProcess) {
    this.#folder = folder;
    this.#port = port;
    this.#sshd = sshd;
  }

  /** Returns why when there is no scp to compare with. */
  static async start(folder: string, sshdPath: string | undefined): Promise<Scp | string> {
    const sshd = sshdPath ?? (await find('sshd'));
    if (sshd === undefined) return 'no sshd on this machine (apt install openssh-server, or --sshd PATH)';
    if ((await find('scp')) === undefined || (await find('ssh-keygen')) === undefined)
      return 'no scp on this machine (apt install openssh-client)';
    await mkdir(folder, { mode: 0o700 });
    for (const key of ['host', 'user']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
    await copyFile(join(folder, 'user.pub'), join(folder, 'authorized'));
    const port = await freePort();
    const config = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin prohibit-password',
    ];
    await writeFile(join(folder, 'config'), `${config.join('\n')}\n`);
    // sshd wants to be called by its absolute path; its privilege separation wants this folder.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
    const child = spawn(sshd, ['-D', '-e', '-f', join(folder, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    if (!(await answers(port, child))) {
      await end(child);
      return `sshd did not start: ${said.trim().split('\n').at(-1)}`;
    }
    return new Scp(folder, port, child);
  }

  async copy(from: string, to: string): Promise<void> {
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'IdentitiesOnly=yes', 'LogLevel=ERROR'];
    // -O: the old protocol, which needs no sftp-server and is the faster one.
    await run('scp', [
      ...['-O', '-q', '-P', String(this.#port), '-i', join(this.#folder, 'user')],
      ...options.flatMap((option) => ['-o', option]),
      ...[from, `127.0.0.1:${to}`],
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return end(this.#sshd);
  }
}

async function find(program: string): Promise<string | undefined> {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    const path = join(folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(port: number, child: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return true;
    await delay(50);
  }
  return false;
}
