/**
 * What grpc-js itself can move: a server that sends or takes messages with no file behind them. Run as a program of its own, so that both
 * ends have a process, as in the real thing. Prints its port.
 */
import { Server, type ServerReadableStream, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js';
import { serverCredentials } from '../../mesh/grpc/credentials.ts';
import { serverOptions } from '../../mesh/grpc/options.ts';
import { LIMIT_MESSAGE_BYTES, limitMethods } from './limit.ts';

const message = Buffer.alloc(LIMIT_MESSAGE_BYTES, 1);

const server = new Server(serverOptions);
server.addService(limitMethods, {
  pull: (call: ServerWritableStream<Buffer, Buffer>) => {
    let left = Number(call.request.readBigUInt64LE());
    const send = (): void => {
      while (left > 0) {
        left -= message.byteLength;
        if (!call.write(message)) {
          call.once('drain', send);
          return;
        }
      }
      call.end();
    };
    send();
  },
  push: (call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
    call.on('data', () => {});
    call.on('end', () => done(null, Buffer.alloc(0)));
  },
});
server.bindAsync('127.0.0.1:0', serverCredentials('127.0.0.1:0', { insecure: false }), (error, port) => {
  if (error !== null) throw error;
  console.log(port);
});
process.on('SIGTERM', () => process.exit());
// The benchmark is gone, however it ended.
process.stdin.resume().on('end', () => process.exit());
