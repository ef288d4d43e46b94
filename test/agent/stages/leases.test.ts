import test from 'ava';
import { Leases } from '../../../agent/stages/leases.ts';

test('a lease expires when its time is over, not before', (t) => {
  const leases = new Leases();
  leases.extend('r', 1000, 0);
  t.deepEqual(leases.expired(999), []);
  t.deepEqual(leases.expired(1000), ['r']);
});

test('extending never shortens', (t) => {
  const leases = new Leases();
  leases.extend('r', 1000, 0);
  leases.extend('r', 100, 0);
  t.deepEqual(leases.expired(999), []);
});

test('expired runs come in the order they ended, and stay until they are forgotten or extended', (t) => {
  const leases = new Leases();
  leases.extend('late', 200, 0);
  leases.extend('early', 100, 0);
  leases.extend('alive', 300, 0);
  t.deepEqual(leases.expired(250), ['early', 'late']);
  leases.forget('early');
  leases.extend('late', 100, 250);
  t.deepEqual(leases.expired(250), []);
});
