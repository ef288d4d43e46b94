import test from 'ava';
import { frameMsAfter, isHeldByEnds } from '../../../controller/plan/held-by-ends.ts';
import type { Plan, Route } from '../../../partition/plan.ts';

const route = (from: string, to: string, turns?: Route['turns']): Route => ({
  from,
  to,
  tensors: ['x'],
  codec: 'none',
  ...(turns === undefined ? {} : { turns }),
});
const stage = (id: string): Plan['stages'][number] => ({ id, device: id, layers: '1', inputs: [], outputs: [] });
const chain: Plan = { epoch: 1n, stages: [stage('a'), stage('b')], routes: [route('source', 'a'), route('a', 'b'), route('b', 'sink')] };
/** b has every fourth frame. */
const turns: Plan = { ...chain, routes: [route('source', 'a', { of: 4, at: [0, 1, 2] }), route('source', 'b', { of: 4, at: [3] })] };

test('frames that wait although every device rests are held by the ends', (t) => {
  t.true(
    isHeldByEnds(
      chain,
      new Map([
        ['a', 5],
        ['b', 1],
      ]),
      200,
      10,
    ),
  );
});

test('one device that hardly rests is reason enough', (t) => {
  t.false(
    isHeldByEnds(
      chain,
      new Map([
        ['a', 1],
        ['b', 7],
      ]),
      200,
      10,
    ),
  );
});

test('of a device that takes turns only its part of the frames counts', (t) => {
  t.true(
    isHeldByEnds(
      turns,
      new Map([
        ['a', 4],
        ['b', 20],
      ]),
      200,
      10,
    ),
  );
  t.false(
    isHeldByEnds(
      turns,
      new Map([
        ['a', 4],
        ['b', 28],
      ]),
      200,
      10,
    ),
  );
});

test('a few frames say nothing', (t) => {
  t.false(
    isHeldByEnds(
      chain,
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
      49,
      10,
    ),
  );
  t.true(
    isHeldByEnds(
      chain,
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
      50,
      10,
    ),
  );
});

test('what is known of frames is replaced by a run that was held, and lowered by any that was faster', (t) => {
  const [resting, busy] = [
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
    new Map([
      ['a', 9],
      ['b', 9],
    ]),
  ];
  t.is(frameMsAfter(undefined, chain, resting, 200, 10), 10);
  t.is(frameMsAfter(4, chain, resting, 200, 10), 10, 'the machine has become slower');
  t.is(frameMsAfter(undefined, chain, busy, 200, 10), undefined);
  t.is(frameMsAfter(4, chain, busy, 200, 10), 4, 'frames waited for a device');
  t.is(frameMsAfter(50, chain, busy, 200, 10), 10, 'a slow link was taken for the ends');
  t.is(frameMsAfter(50, chain, resting, 12, 10), 10);
});
