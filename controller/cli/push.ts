/** `controller push`: files of this machine to a device. */
import { basename } from 'node:path';
import { isLoopback, joinAddress, splitAddress } from '../../mesh/address.ts';
import { fileCodecs } from '../../mesh/codec/registry.ts';
import { MeshError } from '../../mesh/error.ts';
import { fileSource } from '../../mesh/files/byte-source.ts';
import { checkFileName } from '../../mesh/files/file-name.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { addGetService } from '../../mesh/files/serve-get.ts';
import { hashFile } from '../../mesh/files/sha256.ts';
import { GrpcServer } from '../../mesh/grpc/server.ts';
import { localAddressTowards } from '../deploy/local-address.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { resolveDevice } from '../devices/resolve.ts';
import { OfferedFiles } from '../files/offered-files.ts';
import { pushFile } from '../files/push-file.ts';
import { bytes, duration } from '../text/format.ts';
import type { Command, Io } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { ProgressBar } from './progress-bar.ts';
import { asked } from './usage.ts';

const usage = 'controller push DEVICE FILE… [--as NAME]';

const help = `Copies files to a device, where they get a name. What is there already is not copied again; a copy that broke off is continued.

Usage: ${usage} [--nats URL] [--mesh NAME] [--listen HOST:PORT] [--insecure]

  DEVICE              a device's name, or its agent's HOST:PORT
  FILE                a file of this machine
  --as NAME           its name on the device, a relative path such as models/a.onnx (default: the file's own name)
  --nats URL          the mesh's NATS server, to find a device by its name (default: NATS_URL)
  --mesh NAME         which mesh of several that share the server (default: default)
  --listen HOST:PORT  where the device fetches the file from (default: a free port of the interface that reaches the device)
  --insecure          let the device fetch over a network: traffic is not encrypted. Without it the file is sent, which is slower

Every file is checked on the device by its SHA-256 before it becomes visible there.
`;

export const pushCommand: Command = {
  help,
  async run(argv, io) {
    const kinds = { as: 'text', nats: 'text', mesh: 'text', listen: 'text', insecure: 'flag' } as const;
    const { values, positionals } = parseOptions('push', argv, kinds, Number.POSITIVE_INFINITY);
    const [device, ...files] = positionals;
    needed(files[0], device === undefined ? 'the device' : 'the file', usage);
    if (values.as !== undefined && files.length > 1)
      throw new MeshError('usage', '--as names one file, and several were given', { hint: usage });
    const jobs = files.map((path) => ({ path, name: checkFileName(values.as ?? basename(path), 'file name', 'usage') }));
    for (const path of files) await asked(() => checkFile(path));

    const { name, address } = await resolveDevice(device!, chooseMesh(values, io.env), io.signal);
    const peer = new FilesPeer(address, name);
    const bar = new ProgressBar(io);
    const offered = new OfferedFiles();
    let server: GrpcServer | undefined;
    try {
      server = await serveFiles(offered, io, { address, listen: values.listen, insecure: values.insecure === true });
      for (const job of jobs) io.stdout(`${await pushOne({ ...job, peer, device: name, bar, offered, source: server?.address, io })}\n`);
      return 0;
    } finally {
      bar.clear();
      peer.close();
      await server?.stop(0);
    }
  },
};

/** What can't be read is said before any device is asked. */
async function checkFile(path: string): Promise<void> {
  try {
    const source = await fileSource(path);
    await source.close();
  } catch (error) {
    const cause = MeshError.from(error);
    const hint = cause.hint ?? 'give the paths of files of this machine; of a folder, name its files one by one';
    throw new MeshError(cause.code, cause.message, { hint, cause });
  }
}

interface Job {
  readonly path: string;
  readonly name: string;
  readonly peer: FilesPeer;
  readonly device: string;
  readonly bar: ProgressBar;
  readonly offered: OfferedFiles;
  readonly source: string | undefined;
  readonly io: Io;
}

/** Returns what to tell about it. */
async function pushOne({ path, name, peer, device, bar, offered, source, io }: Job): Promise<string> {
  const { signal, now } = io;
  const startMs = now();
  const blob = await hashFile(path, { signal });
  offered.add(path, blob);
  bar.start(name, blob.bytes);
  const how = await pushFile(peer, { path, blob, name, source, signal, now, onProgress: (done) => bar.update(done) });
  bar.clear();
  const took = duration(now() - startMs);
  const size = bytes(blob.bytes);
  return how === 'there' ? `${name}: was on ${device} already (${size})` : `${name}: ${size} ${how} to ${device} in ${took}`;
}

interface ServeOptions {
  /** Of the device. */
  readonly address: string;
  readonly listen: string | undefined;
  readonly insecure: boolean;
}

/** Undefined when nothing may be served on the way to that device: then files are sent. */
async function serveFiles(offered: OfferedFiles, io: Io, { address, listen, insecure }: ServeOptions): Promise<GrpcServer | undefined> {
  const { host } = splitAddress(address);
  const loopback = isLoopback(host);
  if (listen === undefined && !loopback && !insecure) return undefined;
  const where = listen ?? joinAddress(loopback ? '127.0.0.1' : await localAddressTowards(host), 0);
  return GrpcServer.listen(where, { insecure }, (grpc) =>
    addGetService(grpc, { open: (ref) => offered.open(ref), codecs: fileCodecs, now: io.now }),
  );
}
