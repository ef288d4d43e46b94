import test from 'ava';
import { publishedCsv } from '../../../controller/profile/published-csv.ts';
import type { Sample } from '../../../controller/profiler/sample.ts';
import { sample } from './samples-fixture.ts';

const HEAD =
  'model_name,device,total_memory_usage_percent,total_cpu_usage_percent,device_disk_usage_percent,device_cpu_cores,device_load_percent,execution_number,disk_io_read_bytes,disk_io_write_bytes,execution_time,total_parameters,conv_layers,pool_layers,fully_conn_layers,filter_details,network_type';

const linesOf = (samples: readonly Sample[]): string[] => publishedCsv(samples).split('\r\n');
const plainModel = { ...sample.subject, characteristics: { ...sample.subject.characteristics!, convLayers: 0 } };
const typeOf = (operators: readonly string[]): string | undefined => {
  const kernels = operators.map((operator) => ({ name: operator, operator, inputs: [], outputs: [], us: 1 }));
  return linesOf([{ ...sample, subject: plainModel, kernels }])[1]!
    .split(',')
    .at(-1);
};

test('the published columns in their order, with their units', (t) => {
  t.deepEqual(linesOf([sample]), [
    HEAD,
    'lenet,q06,40,12.3,28.2,1,50,1,0,4096,00:00:00.000500,61706,2,2,3,22,Convolutional Neural Network (CNN)',
    '',
  ]);
});

test('times of hours, names with commas, and what is not known', (t) => {
  const { readBytes: _, ...rest } = sample;
  const odd: Sample = {
    ...rest,
    subject: { ...sample.subject, model: 'a,"b"' },
    state: {},
    time: { ...sample.time, ms: 3_723_000.0004 },
  };
  t.is(linesOf([odd])[1], '"a,""b""",q06,,,,1,50,1,,4096,01:02:03.000000,61706,2,2,3,22,Convolutional Neural Network (CNN)');
});

test('only whole models have a line', (t) => {
  t.is(linesOf([{ ...sample, subject: { ...sample.subject, kind: 'segment' } }]).length, 2);
});

test('the type of a network is that of its operators, also when another sample of the model knows them', (t) => {
  t.is(typeOf(['LSTM', 'Gemm']), 'Recurrent Neural Network (RNN)');
  t.is(typeOf(['FusedGemm', 'Gemm']), 'Fully Connected Neural Network (MLP)');
  t.is(typeOf(['Attention', 'MatMul']), 'Transformer');
  t.is(typeOf(['MatMul']), 'Unknown Network Type');
  t.is(typeOf([]), 'Unknown Network Type');
  const { kernels: _, ...later } = { ...sample, subject: plainModel };
  const first = { ...later, kernels: [{ name: 'n', operator: 'GRU', inputs: [], outputs: [], us: 1 }] };
  t.regex(linesOf([later, first])[1]!, /RNN/);
});
