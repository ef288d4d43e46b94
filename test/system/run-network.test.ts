/** A mesh whose devices are hosts of their own, with real links of limited speed between them. */
import { join } from 'node:path';
import test from 'ava';
import type { RunReport } from '../../controller/report/run-report.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { Network, networkMissing } from '../helpers/network.ts';
import { needs } from '../helpers/privileges.ts';

const BITS_PER_SECOND = 100_000_000;

needs(test.serial, networkMissing())('frames travel from host to host, no faster than the links between them', async (t) => {
  const network = Network.create(t, { bitsPerSecond: BITS_PER_SECOND });
  const hosts = ['east', 'west'].map((name) => network.addHost(name));
  const mesh = await startMesh(t, {
    nats: { host: network.address },
    agents: hosts.map(({ name, address, prefix }) => ({ name, listen: `${address}:0`, prefix, args: ['--insecure'] })),
  });
  const output = join(mesh.folder, 'out.npy');
  const common = ['run', '--split', 'squeezenet@layer9', '--on', 'east,west', '--frames', '8', '--codec', 'none', '--output', output];
  const refused = await mesh.runController([...common, '--listen', `${network.address}:0`]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /--insecure/);

  const result = await mesh.runController([...common, '--insecure', '--verify', 'all', '--json']);
  t.is(result.code, 0, result.stderr);
  const report = result.json() as RunReport;
  t.deepEqual(report.frames, { sent: 8, received: 8, lost: 0, duplicated: 0, outOfOrder: 0 });
  t.is(report.verify.maxAbsError, 0);
  const link = report.links.find(({ from, to }) => from === 'stage1' && to === 'stage2')!;
  // The frame's bytes at the speed of the link, with a burst of the shaper to spare: what is measured is the network, not a loopback.
  const leastMs = ((link.wireBytesPerFrame! * 8) / BITS_PER_SECOND) * 1000;
  t.true(link.transferMs!.p50 > leastMs * 0.5, `${link.transferMs!.p50} ms for ${link.wireBytesPerFrame} bytes, at least ${leastMs} ms`);
  t.true(link.mbPerS! < (BITS_PER_SECOND / 8e6) * 2, `${link.mbPerS} MB/s`);
});
