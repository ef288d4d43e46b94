import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import test from 'ava';
import { MeshError } from '../../../mesh/error.ts';
import { fromStatus, toStatus } from '../../../mesh/grpc/status.ts';

function failed(code: status, details: string, metadata = new Metadata()): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata });
}

test('an error of ours reads the same on both ends of a call', (t) => {
  const sent = toStatus(new MeshError('exhausted', 'the disk is full', { hint: 'räum auf' }));
  const got = fromStatus(failed(sent.code!, sent.details!, sent.metadata as Metadata), 'pi1');
  t.like(got, { code: 'exhausted', message: 'the disk is full', hint: 'räum auf' });
});

test('of a connection that fails the reason is told, not the state of the library', (t) => {
  const details = 'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ';
  t.like(fromStatus(failed(status.UNAVAILABLE, details), 'pi1'), {
    code: 'unreachable',
    message: "pi1 can't be reached: connect ECONNREFUSED 127.0.0.1:1",
  });
  t.is(fromStatus(failed(status.UNAVAILABLE, 'Connection dropped'), 'pi1').message, "pi1 can't be reached: Connection dropped");
});
