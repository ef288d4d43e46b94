/**
 * Random small models: images of one size and rows made from them, in a DAG with long skips, joins, swish-like diamonds, shared weights,
 * shape arithmetic, late inputs and several outputs.
 */
import fc from 'fast-check';
import type { NodeProto, TensorProto } from '../../../proto/gen/onnx/onnx.ts';
import { floats, int64s, type ModelParts, node, tensor, untyped } from './build.ts';

const CHANNELS = 3;
const SIZE = 5;
const ROW = CHANNELS * SIZE * SIZE;

const ops = [
  'Conv',
  'Conv',
  'Conv',
  'Relu',
  'Add',
  'Mul',
  'Concat',
  'MaxPool',
  'Swish',
  'BatchNormalization',
  'Split',
  'Reshape',
  'MatMul',
  'Late',
] as const;

/** A model in few words, so that a failing one can be read. Step: operator, first operand, second operand. */
export interface Recipe {
  readonly steps: readonly (readonly [(typeof ops)[number], number, number])[];
  readonly outputs: readonly number[];
  readonly dynamicBatch: boolean;
}

const operand = fc.nat(40);

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  steps: fc
    .array(fc.tuple(fc.constantFrom(...ops), operand, operand), { minLength: 3, maxLength: 16 })
    // A row is made from an image, and a product from a row: alone they make no model.
    .filter((steps) => steps.some(([op]) => op !== 'Reshape' && op !== 'MatMul')),
  outputs: fc.array(operand, { minLength: 1, maxLength: 3 }),
  dynamicBatch: fc.boolean(),
});

export function cook({ steps, outputs, dynamicBatch }: Recipe): ModelParts {
  const writer = new Writer();
  for (const step of steps) writer.add(step);
  const made = writer.images.slice(1);
  const chosen = new Set([...outputs.map((index) => made[index % made.length]!), made.at(-1)!, ...writer.rows.slice(-1)]);
  const batch = dynamicBatch ? 'N' : 1;
  return {
    nodes: writer.nodes,
    inputs: [tensor('x', [batch, CHANNELS, SIZE, SIZE]), ...writer.late.map((name) => tensor(name, [1, CHANNELS, 1, 1]))],
    outputs: [...chosen].map(untyped),
    initializers: writer.weights,
  };
}

class Writer {
  readonly nodes: NodeProto[] = [];
  readonly images = ['x'];
  readonly rows: string[] = [];
  readonly late: string[] = [];
  readonly weights: TensorProto[] = [
    floats('shared.w', [CHANNELS, CHANNELS, 3, 3], small),
    floats('wide.w', [CHANNELS, 2 * CHANNELS, 1, 1], small),
    floats('row.w', [ROW, ROW], (index) => small(index) / 8),
    ...['gamma', 'beta', 'mean', 'var'].map((name) => floats(name, [CHANNELS], (index) => (name === 'var' ? 1.5 : small(index)))),
    int64s('first', [0]),
    int64s('rest', [ROW]),
    int64s('shape', [0, CHANNELS, SIZE, SIZE]),
  ];

  add([op, a, b]: Recipe['steps'][number]): void {
    const index = this.nodes.length;
    const out = `t${index}`;
    const [x, y] = [pick(this.images, a), pick(this.images, b)];
    switch (op) {
      case 'Conv': {
        // Every third convolution shares its weight with the others of its kind.
        const name = b % 3 === 0 ? 'shared.w' : `w${index}`;
        if (name !== 'shared.w') this.weights.push(floats(name, [CHANNELS, CHANNELS, 3, 3], (each) => small(each + index)));
        this.#push('Conv', [x, name], out, { pads: [1, 1, 1, 1] });
        break;
      }
      case 'Relu':
        this.#push('Relu', [x], out);
        break;
      case 'Add':
      case 'Mul':
        this.#push(op, [x, y], out);
        break;
      case 'Concat':
        this.nodes.push(node('Concat', [x, y], [`${out}.both`], { axis: 1 }));
        this.#push('Conv', [`${out}.both`, 'wide.w'], out);
        break;
      case 'MaxPool':
        this.#push('MaxPool', [x], out, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
        break;
      case 'Swish':
        this.nodes.push(node('Sigmoid', [x], [`${out}.s`]));
        this.#push('Mul', [x, `${out}.s`], out);
        break;
      case 'BatchNormalization':
        this.#push('BatchNormalization', [x, 'gamma', 'beta', 'mean', 'var'], out);
        break;
      case 'Split':
        this.nodes.push(node('Split', [x], [`${out}.0`, `${out}.1`, `${out}.2`], { axis: 1 }));
        this.#push('Concat', [`${out}.2`, `${out}.0`, `${out}.1`], out, { axis: 1 });
        break;
      case 'Reshape':
        this.nodes.push(node('Shape', [x], [`${out}.shape`]), node('Gather', [`${out}.shape`, 'first'], [`${out}.n`]));
        this.nodes.push(node('Concat', [`${out}.n`, 'rest'], [`${out}.to`], { axis: 0 }), node('Reshape', [x, `${out}.to`], [out]));
        this.rows.push(out);
        break;
      case 'MatMul':
        if (this.rows.length === 0) return;
        this.nodes.push(node('MatMul', [pick(this.rows, a), 'row.w'], [`${out}.row`]));
        this.#push('Reshape', [`${out}.row`, 'shape'], out);
        break;
      case 'Late':
        this.late.push(`in${index}`);
        this.#push('Add', [x, `in${index}`], out);
        break;
    }
    // Whatever is made stays small, or a long chain would overflow.
    if (this.images.at(-1) === out) {
      this.nodes.push(node('Tanh', [out], [`${out}.small`]));
      this.images[this.images.length - 1] = a % 2 === 0 ? out : `${out}.small`;
    }
    if (this.images.length === 1) this.#push('Relu', ['x'], `${out}.start`);
  }

  #push(op: string, inputs: readonly string[], out: string, attributes = {}): void {
    this.nodes.push(node(op, inputs, [out], attributes));
    this.images.push(out);
  }
}

/** Mostly the newest tensors, sometimes any. */
function pick(names: readonly string[], choice: number): string {
  const reach = choice % 4 === 0 ? names.length : Math.min(3, names.length);
  return names[names.length - 1 - (Math.floor(choice / 4) % reach)]!;
}

function small(index: number): number {
  return ((index * 13) % 17) / 34 - 0.25;
}
