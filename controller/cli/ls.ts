/** `controller ls`: what files a device has. */
import { type FileEntry, hexOf } from '../../mesh/files/blob.ts';
import { listFiles } from '../../mesh/files/entries.ts';
import { checkFolderName } from '../../mesh/files/file-name.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { resolveDevice } from '../devices/resolve.ts';
import { bytes } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';

const usage = 'controller ls DEVICE [FOLDER] [--blobs] [--json]';

const help = `Lists the files of a device.

Usage: ${usage} [--nats URL] [--mesh NAME]

  DEVICE       a device's name, or its agent's HOST:PORT
  FOLDER       only names below this folder, for example models
  --blobs      also content without a name, such as the models of runs, as sha256:DIGEST
  --json       one JSON array on stdout: name (empty without one), sha256, bytes, modifiedMs
  --nats URL   the mesh's NATS server, to find a device by its name (default: NATS_URL)
  --mesh NAME  which mesh of several that share the server (default: default)
`;

const head: readonly Column[] = [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'CHANGED' }];

export const lsCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('ls', argv, { blobs: 'flag', json: 'flag', nats: 'text', mesh: 'text' }, 2);
    const device = needed(positionals[0], 'the device', usage);
    const folder = checkFolderName(positionals[1] ?? '', 'usage');
    const { name, address } = await resolveDevice(device, chooseMesh(values, io.env), io.signal);
    const peer = new FilesPeer(address, name);
    try {
      const options = { folder, blobs: values.blobs === true, signal: io.signal };
      const entries = await listFiles(peer, options);
      if (values.json === true) io.stdout(`${JSON.stringify(entries.map(toJson), undefined, 2)}\n`);
      else if (entries.length === 0) io.stderr(`no files${folder === '' ? '' : ` below ${folder}`} on ${name}\n`);
      else io.stdout(`${formatTable(head, entries.map(row), Number.POSITIVE_INFINITY).join('\n')}\n`);
      return 0;
    } finally {
      peer.close();
    }
  },
};

function row({ name, blob, modifiedMs }: FileEntry): string[] {
  const changed = new Date(modifiedMs).toISOString().replace('T', ' ').slice(0, 19);
  return [name || `sha256:${hexOf(blob.sha256)}`, bytes(blob.bytes), `${changed} UTC`];
}

function toJson({ name, blob, modifiedMs }: FileEntry): unknown {
  return { name, sha256: hexOf(blob.sha256), bytes: blob.bytes, modifiedMs };
}
