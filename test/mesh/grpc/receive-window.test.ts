import { once } from 'node:events';
import { connect, constants, createServer, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { widenReceiveWindow } from '../../../mesh/grpc/receive-window.ts';

const WINDOW = 4 * 1024 * 1024;

test('a stream on one of the paths widens the window of its session, others do not', async (t) => {
  widenReceiveWindow(['/a.Files/Put'], WINDOW);
  const server = createServer();
  t.teardown(() => server.close());
  server.on('stream', (stream: ServerHttp2Stream) => stream.respond({ ':status': 200 }, { endStream: true }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const windowOf = async (path: string): Promise<{ session: number; stream: number }> => {
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      const [[session]] = (await Promise.all([once(server, 'session'), once(client, 'connect')])) as [[Http2Session], unknown];
      const stream = client.request({ [constants.HTTP2_HEADER_PATH]: path });
      stream.resume();
      await once(stream, 'close');
      await new Promise<void>((resolve, reject) => client.ping((error) => (error === null ? resolve() : reject(error))));
      return { session: session.state.effectiveLocalWindowSize!, stream: client.remoteSettings.initialWindowSize! };
    } finally {
      client.close();
      await once(client, 'close');
    }
  };
  t.deepEqual(await windowOf('/a.Files/Put'), { session: WINDOW, stream: WINDOW });
  t.deepEqual(await windowOf('/a.Files/Get'), { session: 65_535, stream: 65_535 });
});
