import type { NetworkInterfaceInfo } from 'node:os';
import test from 'ava';
import { advertisedHost } from '../../agent/advertised-host.ts';

const info = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  netmask: '',
  mac: '',
  cidr: null,
  ...(address.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const }),
});
const lan = { lo: [info('127.0.0.1', true)], eth0: [info('fe80::1'), info('fd00::7'), info('192.168.1.4')] };

test('an agent that listens on one address is reached there', (t) => {
  t.is(advertisedHost('127.0.0.1', lan), '127.0.0.1');
  t.is(advertisedHost('pi.lan', lan), 'pi.lan');
});

test('an agent that listens on all of them is reached at the first that others can use', (t) => {
  t.is(advertisedHost('0.0.0.0', lan), '192.168.1.4');
  t.is(advertisedHost('::', lan), '192.168.1.4');
  t.is(advertisedHost('::', { eth0: [info('fe80::1'), info('fd00::7')] }), 'fd00::7');
});

test('a machine without a network is reached by itself', (t) => {
  t.is(advertisedHost('0.0.0.0', { lo: [info('127.0.0.1', true)], eth0: [info('169.254.3.4')] }), '127.0.0.1');
  t.is(advertisedHost('::', {}), '::1');
});
