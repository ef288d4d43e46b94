import test from 'ava';
import { findCgroupPlaces } from '../../../agent/cgroup/mounts.ts';

test('v1 controllers mounted together share a folder; v2 without controllers beside them is found, too', (t) => {
  const mountinfo = [
    '31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755',
    '32 31 0:29 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw',
    '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 master:2 - cgroup cgroup rw,cpu,cpuacct',
    '34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
  ].join('\n');
  const places = findCgroupPlaces(mountinfo, '4:memory:/a/b\n3:cpu,cpuacct:/\n1:name=systemd:/x\n0::/\n');
  t.deepEqual(Object.fromEntries(places.v1), {
    memory: '/sys/fs/cgroup/memory/a/b',
    cpu: '/sys/fs/cgroup/cpu,cpuacct',
    cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
  });
  t.deepEqual(places.v2, { mount: '/sys/fs/cgroup/unified', own: '/sys/fs/cgroup/unified' });
});

test('in a container only a part of the hierarchy is mounted', (t) => {
  const mountinfo = '34 31 0:31 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
  t.is(findCgroupPlaces(mountinfo, '4:memory:/docker/abc/sub\n').v1.get('memory'), '/sys/fs/cgroup/memory/sub');
  t.is(findCgroupPlaces(mountinfo, '4:memory:/docker/abc\n').v1.get('memory'), '/sys/fs/cgroup/memory');
});

test('blanks in a path are written as octal', (t) => {
  const mountinfo = '34 31 0:31 / /my\\040groups rw - cgroup2 cgroup2 rw\n';
  t.is(findCgroupPlaces(mountinfo, '0::/u\n').v2?.own, '/my groups/u');
});

test('nothing mounted, nothing found', (t) => {
  t.deepEqual(findCgroupPlaces('', ''), { v1: new Map(), v2: undefined });
  t.deepEqual(findCgroupPlaces('garbage\n', '0::/x\ngarbage\n'), { v1: new Map(), v2: undefined });
});
