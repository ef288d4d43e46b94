/**
 * Every zoo model, cut at several places, computes what it computes whole.
 */
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { stagesOfCuts } from '../../partition/cut.ts';
import { resolveModel } from '../../partition/load.ts';
import { modelEnds, numberedStages, splitModel } from '../../partition/split.ts';
import { Digests } from '../../partition/stage-files.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { difference, runSplit, sampleInputs, wholeModel } from './support/run-split.ts';
import { Runtime } from './support/runtime.ts';

const test = anyTest as TestFn<{ runtime: Runtime }>;

test.beforeEach((t) => {
  t.context.runtime = new Runtime();
});
test.afterEach.always((t) => t.context.runtime[Symbol.asyncDispose]());

const equal = test.macro({
  title: (_, model: string, splits: readonly string[]) => `${model} cut at ${splits.join(' and at ')} computes what it computes whole`,
  async exec(t, model: string, splits: readonly string[]) {
    const folder = await tempFolder(t);
    const { layered } = await resolveModel(model, { cacheDir: join(folder, 'zoo') });
    const feeds = sampleInputs(modelEnds(layered).inputs);
    const digests = new Digests();
    const reference = await runSplit(t.context.runtime, wholeModel(layered), feeds, join(folder, 'models'), digests);
    const logits = new Float32Array(Object.values(reference)[0]!.data);
    t.true(logits.every(Number.isFinite) && new Set(logits).size > logits.length / 2, 'the outputs are numbers that differ');
    for (const cuts of splits) {
      const split = splitModel(layered, numberedStages(stagesOfCuts(layered, cuts.split(','))));
      const outputs = await runSplit(t.context.runtime, split, feeds, join(folder, 'models'), digests);
      t.true(difference(reference, outputs) <= 1e-5, `${cuts}: relative difference ${difference(reference, outputs)}`);
    }
  },
});

test.serial(equal, 'resnet18', ['layer12', 'layer1', 'layer9,layer17,layer30', 'layer3.0.conv2']);
test.serial(equal, 'resnet50', ['layer18,layer33,layer52']);
test.serial(equal, 'mobilenetv2', ['layer20', 'layer7,layer31,layer50']);
test.serial(equal, 'vgg16', ['layer10']);
test.serial(equal, 'alexnet', ['layer4,layer8']);
test.serial(equal, 'squeezenet', ['layer5', 'layer4,layer17', 'fire5.expand1x1']);
test.serial(equal, 'lenet', ['layer1', 'layer2,layer3,layer4,layer5,layer6']);
test.serial(equal, 'mlp', ['layer1,layer2,layer3']);
