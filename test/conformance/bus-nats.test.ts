import test from 'ava';
import { connectNats } from '../../mesh/bus/nats.ts';
import { NatsServer } from '../helpers/nats-server.ts';
import { testBus } from './bus.ts';

testBus(test.serial as typeof test, 'nats', async (t) => {
  const server = await NatsServer.start(t);
  return {
    bus: (onError = rethrow) => connectNats({ url: server.url, clientName: 'conformance', onError }),
    stopBroker: async () => void (await server.process.kill()),
    startBroker: () => server.restart(),
  };
});

function rethrow(error: unknown): void {
  throw error;
}
