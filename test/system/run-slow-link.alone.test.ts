/** A codec chosen on a real slow link: frames come faster, within the budget, and the bytes reported are those that the interface counts. */
import test from 'ava';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { networkMissing } from '../helpers/network.ts';
import { needs } from '../helpers/privileges.ts';
import { TwoHosts, wireBytes } from './two-hosts.ts';

/** LeNet's first activation takes 37 ms, its layers one or two. */
const BITS_PER_SECOND = 4_000_000;
const FRAMES = 200;
/** What is on the wire besides frames: their heads, credits and acknowledgements, leases. */
const OTHER_SHARE_MAX = 0.03;

needs(test.serial, cgroupMissing() ?? networkMissing())('where the link is slow frames travel encoded, and come faster', async (t) => {
  t.timeout(180_000);
  const two = await TwoHosts.start(t, { bitsPerSecond: BITS_PER_SECOND, quotas: [1, 1] });
  const split = 'lenet@layer1';
  const common = ['--frames', String(FRAMES), '--verify', 'off'];
  const coded = await two.run(split, ...common, '--error-budget', 'max-abs<=0.1');
  t.deepEqual(coded.frames, { sent: FRAMES, received: FRAMES, lost: 0, duplicated: 0, outOfOrder: 0 });
  const { codec, options } = coded.codecs!.routes.find(({ from, to }) => from === 'stage1' && to === 'stage2')!;
  t.false(options.find((option) => option.codec === codec)!.lossless, `${codec} was chosen`);
  const { compared, breaches } = coded.codecs!.shadows!;
  t.deepEqual(breaches, []);
  t.true(compared.maxAbs! <= 0.1);

  // The models are there by now: what goes over the cable is frames.
  const fps = new Map<string, number>();
  for (const name of ['none', 'int8']) {
    const { result, into } = await two.payloadBytes(() => two.run(split, ...common, '--codec', name));
    const ours = wireBytes(result);
    t.log(`${name}: ${ours} bytes by our accounting, ${into} by the interface`);
    t.true(Math.abs(into / ours - 1) <= OTHER_SHARE_MAX, `${name}: we say ${ours}, the interface says ${into}`);
    fps.set(name, result.throughputFps!);
  }
  t.true(coded.throughputFps! >= 1.8 * fps.get('none')!, `${coded.throughputFps} with ${codec}, ${fps.get('none')} without codec`);
});
