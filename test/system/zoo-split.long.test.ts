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
import { difference, runSplit, sampleInputs, wholeModel } from '../partition/support/run-split.ts';
import { Runtime } from '../partition/support/runtime.ts';

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
test.serial(equal, 'googlenet', ['layer40', 'layer20,layer60', 'inception4b.branch2.1.conv']);
test.serial(equal, 'densenet121', ['layer92', 'layer46,layer138']);
test.serial(equal, 'efficientnet-b0', ['layer62', 'layer31,layer93', 'features.4.1.se.excite']);
test.serial(equal, 'shufflenetv2', ['layer37', 'layer18,layer56', 'stage3.2.branch2.depthwise.conv']);
test.serial(equal, 'inceptionv3', ['layer60', 'layer30,layer90']);
test.serial(equal, 'vit-tiny', ['layer49', 'layer24,layer73', 'blocks.6.attn.scores']);
test.serial(equal, 'unet', ['layer15', 'layer7,layer23', 'decoder3.up']);
test.serial(equal, 'gpt-tiny', ['layer25', 'layer1,layer37', 'h.2.attn.scores']);
test.serial(equal, 'yolo-tiny', ['layer10', 'layer5,layer18', 'coarse.conv']);
test.serial(equal, 'mlp1d', ['layer3', 'layer1,layer4']);
test.serial(equal, 'cnn1d', ['layer4', 'layer2,layer6']);
test.serial(equal, 'lenet1d', ['layer3', 'layer1,layer5']);
test.serial(equal, 'alexnet1d', ['layer6', 'layer3,layer9']);
test.serial(equal, 'resnet1d', ['layer12', 'layer7,layer23', 'layer3.0.conv2']);
test.serial(equal, 'bilstm1d', ['layer4', 'lstm1,lstm2']);
test.serial(equal, 'ae1d', ['layer6', 'code', 'layer3,layer9']);
test.serial(equal, 'sae1d', ['layer6', 'code', 'layer3,layer9']);
