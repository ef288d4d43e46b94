import test from 'ava';
import fc from 'fast-check';
import { type Emitted, parseEmitted } from '../../mesh/emit.ts';

const words: Emitted = { kind: 'words' };
const metric = (name: string, value: number, unit = '', labels = {}): Emitted => ({
  kind: 'metric',
  metric: { name, value, unit, labels },
});

const lines: readonly (readonly [line: string, emitted: Emitted | RegExp])[] = [
  ['{"metric": "loss", "value": 0.25}', metric('loss', 0.25)],
  ['  {"metric":"loss","value":-1e-3,"unit":"1","labels":{"epoch":"3"}}  ', metric('loss', -1e-3, '1', { epoch: '3' })],
  ['epoch 3: loss 0.25', words],
  ['', words],
  ['{', words],
  ['{"loss": 0.25}', words],
  ['[1, 2]', words],
  ['{"value": 3}', words],
  [`{"metric": "m", "value": 1, "unit": "${'x'.repeat(5_000)}"}`, words],
  ['{"metric": "loss", "value": NaN}', /no JSON/],
  ['{"metric": "loss", "value": 1e999}', /"value" of loss is no finite number/],
  ['{"metric": "loss", "value": "0.25"}', /"value" of loss is no finite number/],
  ['{"metric": "loss", "value": null}', /"value" of loss is no finite number/],
  ['{"metric": "loss"}', /"value" of loss is no finite number/],
  ['{"metric": 7, "value": 1}', /"metric" is no name/],
  ['{"metric": "", "value": 1}', /"metric" is no name/],
  ['{"metric": "my loss", "value": 1}', /"metric" is no name/],
  ['{"metric": "loss", "value": 1, "unit": 3}', /"unit" of loss is no text/],
  ['{"metric": "loss", "value": 1, "units": "s"}', /loss has "units", which is none of metric, value, unit, labels/],
  ['{"metric": "loss", "value": 1, "labels": ["a"]}', /"labels" of loss are no object/],
  ['{"metric": "loss", "value": 1, "labels": {"epoch": 3}}', /"labels" of loss are no object/],
  ['{"metric": "loss", "value": 1, "__proto__": {"unit": "s"}}', /loss has "__proto__"/],
];
for (const [line, expected] of lines) {
  test(`${line.slice(0, 60)} is ${expected instanceof RegExp ? 'refused' : expected.kind}`, (t) => {
    const emitted = parseEmitted(line);
    if (!(expected instanceof RegExp)) t.deepEqual(emitted, expected);
    else if (emitted.kind === 'refused') t.regex(emitted.why, expected);
    else t.fail(`${JSON.stringify(emitted)}`);
  });
}

test('whatever a program prints: a line is a metric with a finite number, refused, or its own words', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.record({ metric: fc.anything(), value: fc.anything() }).map((line) => `${JSON.stringify(line)}`),
      ),
      (line) => {
        const emitted = parseEmitted(line);
        if (emitted.kind === 'metric') t.true(Number.isFinite(emitted.metric.value) && emitted.metric.name.length > 0);
        else t.true(emitted.kind === 'refused' || emitted.kind === 'words');
      },
    ),
  );
});

test('what is a metric is found as it was said', (t) => {
  const name = fc.stringMatching(/^[A-Za-z0-9_./-]{1,128}$/);
  const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number));
  fc.assert(
    fc.property(
      name,
      value,
      fc.dictionary(name, fc.string({ maxLength: 20 }), { maxKeys: 5, noNullPrototype: true }),
      (metricName, number, labels) => {
        const line = JSON.stringify({ metric: metricName, value: number, unit: 'ms', labels });
        t.deepEqual(parseEmitted(line), metric(metricName, number, 'ms', labels));
      },
    ),
  );
});
