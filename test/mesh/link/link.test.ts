import { Server } from '@grpc/grpc-js';
import test from 'ava';
import { serverCredentials } from '../../../mesh/grpc/credentials.ts';
import { serverOptions } from '../../../mesh/grpc/options.ts';
import { grpcLink } from '../../../mesh/link/grpc/client.ts';
import { addLinkService } from '../../../mesh/link/grpc/server.ts';
import { MemoryNetwork } from '../../../mesh/link/memory.ts';
import { linkConformance } from '../../conformance/link.ts';

linkConformance(test, 'memory', async (accept) => {
  const network = new MemoryNetwork();
  const stop = network.listen('here', accept);
  return { address: 'here', link: network.link(), close: async () => stop() };
});

linkConformance(test, 'grpc', async (accept) => {
  const server = new Server(serverOptions);
  addLinkService(server, accept);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', serverCredentials('127.0.0.1:0', { insecure: false }), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, link: grpcLink(), close: async () => server.forceShutdown() };
});
