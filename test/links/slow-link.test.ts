/**
 * What codecs gain where the link is slow: the best of several cuts without a codec, against the best with `--codec auto` within an error budget.
 *
 *     make links        LINKS_ONLY=MobileNetV2 make links
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { modelInput } from '../../bench/support/natural-image.ts';
import { formatNpyHeader } from '../../controller/run/npy-header.ts';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { networkMissing } from '../helpers/network.ts';
import { needs } from '../helpers/privileges.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { TwoHosts, type TwoHostsOptions } from '../system/two-hosts.ts';

interface Case extends TwoHostsOptions {
  readonly title: string;
  readonly model: string;
  /** Cuts, by the layer they come after: every place with a small tensor. */
  readonly cuts: readonly number[];
  /** Where a codec is tried: cuts that balance the devices. */
  readonly coded: readonly number[];
  readonly budget: string;
  readonly frames: number;
  readonly gainMin: number;
}

const cases: readonly Case[] = [
  {
    title: 'MobileNetV2 over 10 Mbit/s',
    model: 'mobilenetv2',
    bitsPerSecond: 10_000_000,
    quotas: [0.45, 1.2],
    cuts: [24, 32, 50, 54, 58, 63],
    coded: [13, 24],
    budget: 'top1>=99%',
    frames: 300,
    gainMin: 1.8,
  },
  {
    title: 'ResNet-50 over 100 Mbit/s',
    model: 'resnet50',
    bitsPerSecond: 100_000_000,
    quotas: [0.5, 1.2],
    cuts: [32, 37, 41, 49, 62],
    coded: [20, 24, 28],
    budget: 'top1>=99%',
    frames: 100,
    gainMin: 1.4,
  },
];

const FAST_BITS_PER_SECOND = 10_000_000_000;
/** Deep enough that jitter of a shared machine starves no stage, with codecs and without. */
const WINDOW = 8;
/** Pictures like photographs; then they come again. */
const PICTURES = 64;
const SIDE = 224;

async function pictures(folder: string): Promise<string> {
  const path = join(folder, 'pictures.npy');
  const frames = Array.from({ length: PICTURES }, (_, seed) => new Uint8Array(modelInput(seed, SIDE).buffer));
  await writeFile(path, Buffer.concat([formatNpyHeader('float32', [PICTURES, 1, 3, SIDE, SIDE]), ...frames]));
  return path;
}

const only = new RegExp(process.env.LINKS_ONLY ?? '');
const missing = cgroupMissing() ?? networkMissing();

for (const { title, model, cuts, coded, budget, frames, gainMin, ...hosts } of cases.filter((each) => only.test(each.title))) {
  needs(test.serial, missing)(`${title}: codecs within ${budget} against the best cut without`, async (t) => {
    t.timeout(900_000);
    const two = await TwoHosts.start(t, hosts);
    const best = { plain: { fps: 0, cut: 0 }, coded: { fps: 0, cut: 0 } };
    const input = await pictures(await tempFolder(t));
    const common = ['--input', input, '--frames', String(frames), '--window', String(WINDOW), '--verify', 'off'];
    for (const cut of cuts) {
      const { throughputFps, stages } = await two.run(`${model}@layer${cut}`, ...common, '--codec', 'none');
      t.log(
        `layer ${cut}, none: ${throughputFps!.toFixed(2)} frames/s (compute ${stages.map((stage) => stage.computeMs!.p50.toFixed(1)).join(', ')} ms)`,
      );
      if (throughputFps! > best.plain.fps) best.plain = { fps: throughputFps!, cut };
    }
    for (const cut of coded) {
      const { throughputFps, stages, codecs } = await two.run(
        `${model}@layer${cut}`,
        ...common,
        '--error-budget',
        budget,
        '--shadow-every',
        '50',
      );
      const used = codecs!.routes.find(({ from, to }) => from === 'stage1' && to === 'stage2')!;
      const { compared, breaches } = codecs!.shadows ?? { compared: undefined, breaches: [] };
      t.log(
        `layer ${cut}, ${used.codec}: ${throughputFps!.toFixed(2)} frames/s (compute ${stages.map((stage) => stage.computeMs!.p50.toFixed(1)).join(', ')} ms), ` +
          `link ${used.linkMBPerS?.toFixed(2)} MB/s, shadows ${compared?.sameTop1} of ${compared?.frames} the same, ${breaches.length} breaches`,
      );
      if (throughputFps! > best.coded.fps) best.coded = { fps: throughputFps!, cut };
    }
    // What no codec can gain: the same devices with a link that nobody waits for.
    two.limit(FAST_BITS_PER_SECOND);
    let limit = 0;
    for (const cut of [...coded, best.plain.cut]) {
      const { throughputFps } = await two.run(`${model}@layer${cut}`, ...common, '--codec', 'none');
      t.log(`layer ${cut} over a fast link: ${throughputFps!.toFixed(2)} frames/s`);
      limit = Math.max(limit, throughputFps!);
    }
    const gain = best.coded.fps / best.plain.fps;
    t.log(
      `gain ${gain.toFixed(2)} of ${(limit / best.plain.fps).toFixed(2)} that a fast link gains: layer ${best.coded.cut} with codecs, layer ${best.plain.cut} without`,
    );
    t.true(gain >= gainMin, `gain ${gain}, expected at least ${gainMin}`);
  });
}
