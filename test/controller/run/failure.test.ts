import test from 'ava';
import { failureOf, findRoot, type Symptom, type Verdict } from '../../../controller/run/failure.ts';

const placement = new Map([
  ['stage1', 'pi1'],
  ['stage2', 'pi2'],
  ['stage3', 'pi3'],
]);
const failed = (stage: string, reason: string, lostPeer?: string): Symptom => ({
  kind: 'stage-failed',
  stage,
  device: placement.get(stage)!,
  reason,
  ...(lostPeer === undefined ? {} : { lostPeer }),
});
const streamLost = (peer: string): Symptom => ({ kind: 'stream-lost', peer, reason: 'the stream broke' });

const cases: [string, Symptom[], Partial<Verdict> | undefined][] = [
  ['nothing happened', [], undefined],
  [
    'a stage that failed by itself, after its neighbours complained',
    [failed('stage1', 'lost', 'stage2'), streamLost('stage3'), failed('stage2', 'killed by SIGKILL')],
    { stage: 'stage2', device: 'pi2', reason: 'killed by SIGKILL', certain: true },
  ],
  [
    'only neighbours complain: the stage that both lost',
    [failed('stage1', 'gone', 'stage2'), failed('stage3', 'gone', 'stage2')],
    { stage: 'stage2', device: 'pi2', certain: false },
  ],
  ['a symptom of a symptom', [streamLost('stage3'), failed('stage3', 'gone', 'stage2')], { stage: 'stage2', certain: false }],
  [
    'the device is gone: better than a lost peer',
    [failed('stage1', 'gone', 'stage2'), { kind: 'device-lost', device: 'pi2', reason: 'no answer' }],
    { stage: 'stage2', device: 'pi2', reason: 'no answer', certain: true },
  ],
  [
    'a stage that failed by itself is a better reason than its device going',
    [{ kind: 'device-lost', device: 'pi3', reason: 'x' }, failed('stage2', 'out of memory')],
    { stage: 'stage2', reason: 'out of memory' },
  ],
  ['only the source or sink lost it', [streamLost('stage1')], { stage: 'stage1', device: 'pi1', certain: false }],
  [
    'a stage that lost the controller has a link problem of its own',
    [failed('stage3', 'timeout', 'sink')],
    { stage: 'stage3', device: 'pi3', reason: 'timeout' },
  ],
  [
    'stages that are gone because they lost a peer are no root',
    [failed('stage2', 'gone', 'stage1'), { kind: 'stages-gone', device: 'pi2', reason: 'no stage of run r1 is on pi2' }],
    { stage: 'stage1', device: 'pi1', certain: false },
  ],
  [
    'stages whose lease ended',
    [{ kind: 'stages-gone', device: 'pi2', reason: 'retired' }],
    { stage: 'stage2', device: 'pi2', reason: 'retired' },
  ],
];

for (const [title, symptoms, expected] of cases) {
  test(`the root of a loss: ${title}`, (t) => {
    const verdict = findRoot(symptoms, placement);
    if (expected === undefined) t.is(verdict, undefined);
    else t.like(verdict, expected);
  });
}

test('the message names stage, device and reason', (t) => {
  const verdict = findRoot([failed('stage2', 'killed by SIGKILL (out of memory?)')], placement)!;
  t.is(failureOf(verdict, placement).message, 'stage2 on pi2 was lost: killed by SIGKILL (out of memory?)');
});

test('a lost device that holds several stages names them all', (t) => {
  const both = new Map([
    ['a', 'pi1'],
    ['b', 'pi1'],
  ]);
  const verdict = findRoot([{ kind: 'device-lost', device: 'pi1', reason: 'no answer' }], both)!;
  t.is(failureOf(verdict, both).message, 'a and b on pi1 were lost: no answer');
});
