import test from 'ava';
import { connectNats } from '../../mesh/bus/nats.ts';
import { testBus } from './bus.ts';
import { TestNatsServer } from './nats-server.ts';

testBus(test.serial as typeof test, 'nats', async () => {
  const server = await TestNatsServer.start();
  return {
    bus: (onError = rethrow) => connectNats({ url: server.url, clientName: 'conformance', onError }),
    stopBroker: () => server.stop(),
    startBroker: () => server.start(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
});

function rethrow(error: unknown): void {
  throw error;
}
