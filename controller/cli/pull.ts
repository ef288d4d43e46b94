/** `controller pull`: a file of a device to this machine. */
import { MeshError } from '../../mesh/error.ts';
import type { FileRef } from '../../mesh/files/blob.ts';
import { checkFileName } from '../../mesh/files/file-name.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { resolveDevice } from '../devices/resolve.ts';
import { pullFile } from '../files/pull-file.ts';
import { bytes, duration } from '../text/format.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { ProgressBar } from './progress-bar.ts';

const usage = 'controller pull DEVICE NAME [--output FILE]';

const help = `Copies a file of a device to this machine and checks it by its SHA-256. A copy that broke off is continued.

Usage: ${usage} [--nats URL] [--mesh NAME]

  DEVICE         a device's name, or its agent's HOST:PORT
  NAME           the file's name on the device, or sha256:DIGEST (controller ls lists them)
  --output FILE  where to put it: a file, which is replaced, or a folder (default: its name, in the present folder)
  --nats URL     the mesh's NATS server, to find a device by its name (default: NATS_URL)
  --mesh NAME    which mesh of several that share the server (default: default)
`;

export const pullCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('pull', argv, { output: 'text', nats: 'text', mesh: 'text' }, 2);
    const device = needed(positionals[0], 'the device', usage);
    const ref = parseRef(needed(positionals[1], 'the name of the file', usage));
    const { signal } = io;

    const { name, address } = await resolveDevice(device, chooseMesh(values, io.env), signal);
    const peer = new FilesPeer(address, name);
    const bar = new ProgressBar(io);
    const startMs = io.now();
    try {
      const { entry, path } = await pullFile(peer, ref, {
        output: values.output,
        signal,
        onStart: ({ name: label, blob }) => bar.start(label || positionals[1]!, blob.bytes),
        onProgress: (done) => bar.update(done),
      });
      bar.clear();
      io.stdout(`${path}: ${bytes(entry.blob.bytes)} from ${name} in ${duration(io.now() - startMs)}\n`);
      return 0;
    } finally {
      bar.clear();
      peer.close();
    }
  },
};

const DIGEST = /^sha256:(.*)$/;

/** Error `usage` for what can be neither a name nor a digest. */
function parseRef(text: string): FileRef {
  const digest = DIGEST.exec(text)?.[1];
  if (digest === undefined) return { name: checkFileName(text, 'file name', 'usage') };
  if (!/^[0-9a-f]{64}$/.test(digest)) {
    throw new MeshError('usage', `"${text}" is not sha256: and 64 hex digits`, { hint: 'controller ls DEVICE --blobs lists the digests' });
  }
  return { sha256: new Uint8Array(Buffer.from(digest, 'hex')) };
}
