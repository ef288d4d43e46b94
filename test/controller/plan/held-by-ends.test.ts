import test from 'ava';
import { isHeldByEnds } from '../../../controller/plan/held-by-ends.ts';
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
