/** CPU quotas: the ideal one and the kernel's, which was watched: a loop that does nothing else under quotas of 0.2 to 0.6 cores at 250 Hz. */
import test from 'ava';
import fc from 'fast-check';
import type { CpuLimit, Share } from '../../../../controller/scheduler/simulator/cpu-limit.ts';
import { KernelQuota } from '../../../../controller/scheduler/simulator/kernel-quota.ts';
import { Quota } from '../../../../controller/scheduler/simulator/quota.ts';

const STEP_MS = 0.05;

function busy(limit: CpuLimit, count: number): Share[] {
  const shares = Array.from({ length: count }, () => ({ workMs: 1e9, rate: 1, localMs: 0, throttled: false }));
  for (const share of shares) limit.wake(share);
  return shares;
}

/** How long a loop runs and stands still, medians, milliseconds. */
function rhythm(cores: number): { runs: number; stands: number } {
  const limit = new KernelQuota({ kind: 'kernel', cores }, 0, [0.3, 0.7]);
  const shares = busy(limit, 1);
  const spells: { ran: boolean; steps: number }[] = [];
  for (let step = 1; step < 100_000; step += 1) {
    const ran = limit.advance(step * STEP_MS, shares) > STEP_MS / 2;
    if (spells.at(-1)?.ran === ran) spells.at(-1)!.steps += 1;
    else spells.push({ ran, steps: 1 });
  }
  const middle = (ran: boolean): number => {
    const steps = spells.filter((spell) => spell.ran === ran).map((spell) => spell.steps * STEP_MS);
    return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]!;
  };
  return { runs: middle(true), stands: middle(false) };
}

test('a busy loop runs for a tick and stands still until its debt is paid, as was watched', (t) => {
  const fifth = rhythm(0.2);
  t.true(Math.abs(fifth.runs - 3.9) < 0.3 && Math.abs(fifth.stands - 16.1) < 0.3, JSON.stringify(fifth));
  const twoFifths = rhythm(0.4);
  t.true(Math.abs(twoFifths.runs - 3.9) < 0.3 && Math.abs(twoFifths.stands - 6) < 0.4, JSON.stringify(twoFifths));
});

test('threads together get what the quota says, never more', (t) => {
  const kinds = fc.constantFrom('ideal', 'kernel');
  const cores = fc.double({ min: 0.1, max: 0.95, noNaN: true });
  const phase = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      kinds,
      cores,
      fc.integer({ min: 1, max: 3 }),
      phase,
      phase,
      fc.double({ min: 1, max: 40, noNaN: true }),
      (kind, quota, threads, a, b, stepMs) => {
        const limit = kind === 'ideal' ? new Quota({ cores: quota }, 0, a) : new KernelQuota({ kind: 'kernel', cores: quota }, 0, [a, b]);
        const shares = busy(limit, threads);
        let hadMs = 0;
        let atMs = 0;
        while (atMs < 3000) {
          atMs += stepMs;
          hadMs += limit.advance(atMs, shares);
          // What the pool holds at the beginning and at the first refill, and what each thread overdraws until the tick.
          t.true(hadMs <= quota * atMs + 20 * quota + 4 * threads + 1e-6, `${hadMs} ms of CPU in ${atMs} ms`);
        }
        t.true(hadMs >= quota * atMs - 10 * quota - 5 * threads, `${hadMs} ms of CPU in ${atMs} ms`);
      },
    ),
  );
});

test('when the first is done is what happens', (t) => {
  const cores = fc.double({ min: 0.1, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(
      cores,
      fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (quota, works, ideal) => {
        const limit = ideal ? new Quota({ cores: quota }, 0, 0.4) : new KernelQuota({ kind: 'kernel', cores: quota }, 0, [0.4, 0.9]);
        const shares = busy(limit, works.length);
        for (const [index, share] of shares.entries()) share.workMs = works[index]!;
        const doneMs = limit.firstDone(shares);
        limit.advance(doneMs, shares);
        const least = Math.min(...shares.map(({ workMs }) => workMs));
        t.true(Math.abs(least) < 1e-6, `${least} ms are left`);
      },
    ),
  );
});

test('a thread that wakes up while another has the slice waits for the next period', (t) => {
  const limit = new KernelQuota({ kind: 'kernel', cores: 0.5 }, 0, [0, 0]);
  const session = { workMs: 100, rate: 1, localMs: 0, throttled: false };
  limit.wake(session);
  limit.advance(1, [session]);
  const main = { workMs: 0.1, rate: 1, localMs: 0, throttled: false };
  limit.wake(main);
  t.true(main.throttled);
  t.true(Math.abs(limit.firstDone([session, main]) - 10.1) < 1e-6);
});
