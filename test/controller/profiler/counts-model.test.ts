/** Times from published counts alone, and which kernels subjects have. */
import test from 'ava';
import { type CountedSubject, countNames, fitCounts, predictCounts } from '../../../controller/profiler/counts-model.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { Random } from '../../../mesh/random.ts';
import { circumstanceOn, fast, measure, slow, strange, trueModels } from './made-world.ts';

const random = new Random(4);
const subject = (scale: number): CountedSubject => ({
  ...{ inputBytes: 600_000, outputBytes: 4000 },
  characteristics: { convLayers: 10, poolLayers: 2, fcLayers: 1, filterDetails: 1000, totalParameters: Math.round(1e5 * scale) },
});
const measured = Array.from({ length: 60 }, () => 1 + 99 * random.next()).map((scale) => ({ subject: subject(scale), ms: 2 * scale }));
const model = fitCounts(measured)!;

test('times follow the count that decides them, and its factor is told first', (t) => {
  for (const scale of [5, 20, 60]) {
    const { ms, factors, extrapolates } = predictCounts(model, subject(scale));
    t.true(Math.abs(ms / (2 * scale) - 1) < 0.25, `${ms} of ${2 * scale}`);
    t.is(factors[0]!.name, 'total_parameters');
    t.is(factors.length, countNames.length);
    t.deepEqual(extrapolates, []);
  }
});

test('factors multiply the same for all to the prediction', (t) => {
  const rest = [5, 60].map((scale) => {
    const { ms, factors } = predictCounts(model, subject(scale));
    return ms / factors.reduce((all, { factor }) => all * factor, 1);
  });
  t.true(Math.abs(rest[0]! / rest[1]! - 1) < 1e-3, rest.join());
});

test('counts outside of what was measured are named', (t) => {
  t.regex(predictCounts(model, subject(1000)).extrapolates.join(), /^total_parameters outside of what was measured \([\d,]+ to [\d,]+\)$/);
});

test('few models say nothing, however often they were measured', (t) => {
  t.is(fitCounts([]), undefined);
  t.is(fitCounts([...measured.slice(0, 4), ...measured.slice(0, 4)]), undefined);
  t.truthy(fitCounts(measured.slice(0, 5)));
});

test('kernels that one sample tells hold for all of the same file on the same architecture', (t) => {
  const [one, other] = measure(trueModels(1, random).slice(0, 2), [fast], { random });
  const { kernels, ...bare } = one!;
  const kernelsOf = kernelsOfSubjects([one!]);
  t.is(kernelsOf(bare), kernels);
  t.is(kernelsOf({ ...bare, circumstance: circumstanceOn(slow, 1) }), kernels, 'another device, load');
  t.is(kernelsOf({ ...bare, circumstance: circumstanceOn(strange) }), undefined, 'another architecture');
  t.is(kernelsOf({ ...bare, circumstance: { ...bare.circumstance, runtimeVersion: '2' } }), undefined, 'another release');
  t.is(kernelsOf({ ...bare, subject: { ...bare.subject, part: '1-2' } }), undefined, 'a part');
  t.is(kernelsOf({ ...bare, kernelsSeen: other!.kernels! }), other!.kernels, 'what a sample says of itself');
});
