import test from 'ava';
import { Network, networkMissing } from '../helpers/network.ts';
import { needs } from '../helpers/privileges.ts';
import { runProcess, startProcess } from '../helpers/processes.ts';

const SERVE =
  "require('node:net').createServer((s) => s.end(Buffer.alloc(1e6))).listen(7000, process.argv[1], () => console.log('listening'))";
const FETCH = `
  let bytes = 0; const started = performance.now();
  const socket = require('node:net').connect(7000, process.argv[1]);
  socket.on('data', (chunk) => { bytes += chunk.length; });
  socket.on('close', () => console.log(JSON.stringify({ bytes, ms: performance.now() - started })));
`;

needs(test, networkMissing())('hosts reach each other over cables of a given bandwidth', async (t) => {
  const network = Network.create(t, { bitsPerSecond: 40_000_000 });
  const [a, b] = [network.addHost('a'), network.addHost('b')];
  const server = startProcess(t, [...a.prefix, process.execPath, '-e', SERVE, a.address]);
  await server.line(/^listening/);
  const { stdout, stderr } = await runProcess(t, [...b.prefix, process.execPath, '-e', FETCH, a.address]);
  const { bytes, ms } = JSON.parse(stdout || stderr) as { bytes: number; ms: number };
  t.is(bytes, 1_000_000);
  // 8 Mbit at 40 Mbit/s: 200 ms, less what the token buckets hold at the start.
  t.true(ms >= 150, `${ms} ms`);

  const outside = await runProcess(t, [process.execPath, '-e', FETCH, a.address]);
  t.is((JSON.parse(outside.stdout) as { bytes: number }).bytes, 1_000_000, 'the test itself reaches the hosts, too');
});
