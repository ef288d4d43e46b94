import test from 'ava';
import { matches } from '../../../mesh/bus/pattern.ts';
import { subjectsOf } from '../../../mesh/bus/subjects.ts';
import { MeshError } from '../../../mesh/error.ts';

test('subjects are those of the wire contract', (t) => {
  const subjects = subjectsOf('lab');
  t.is(subjects.hello, 'mesh.lab.hello');
  t.is(subjects.presence('pi4'), 'mesh.lab.presence.pi4');
  t.is(subjects.stage('r1', 'a', 'ready'), 'mesh.lab.stage.r1.a.ready');
  t.is(subjects.ack('r1'), 'mesh.lab.run.r1.ack');
  t.is(subjects.measure('r1', 'pi4'), 'mesh.lab.measure.r1.pi4');
});

test('each pattern matches its own subjects and no other', (t) => {
  const subjects = subjectsOf('lab');
  t.true(matches(subjects.allPresence, subjects.presence('pi4')));
  t.true(matches(subjects.stagesOf('r1'), subjects.stage('r1', 'a', 'failed')));
  t.true(matches(subjects.measuresOf('r1'), subjects.measure('r1', 'pi4')));
  t.true(matches(subjects.allMeasures, subjects.measure('r1', 'pi4')));
  t.false(matches(subjects.stagesOf('r1'), subjects.stage('r10', 'a', 'failed')));
  t.false(matches(subjects.allPresence, subjectsOf('lab2').presence('pi4')));
  t.false(matches(subjects.allPresence, subjects.hello));
});

for (const name of ['', 'a.b', '*', '>', 'a b', '-a', '../x', 'ä', 'x'.repeat(65)]) {
  test(`"${name}" is no name of a mesh, device, run or stage`, (t) => {
    const subjects = subjectsOf('lab');
    const uses = [
      () => subjectsOf(name),
      () => subjects.presence(name),
      () => subjects.stage(name, 'a', 'ready'),
      () => subjects.stage('r', name, 'ready'),
      () => subjects.measure('r', name),
    ];
    for (const use of uses) t.is(t.throws(use, { instanceOf: MeshError })?.code, 'invalid');
  });
}
