/**
 * What the simulated stages compute: a cheap function of all bytes that go in, so that a stage left out, run twice, or fed with another frame's
 * tensor changes everything that comes out. And what should come out: the same function, without a mesh.
 *
 *     t1 = mix("t1", x) ──▶ t2 = mix("t2", t1, x)         x of frame 7 = mix("frame 7 of r")
 */
import type { FrameId } from '../../mesh/frame.ts';
import { SOURCE } from '../../mesh/frame.ts';
import { sinkTensors } from '../../partition/flow/plan-shape.ts';
import type { Plan } from '../../partition/plan.ts';

export const TENSOR_BYTES = 16;

/** `inputs`: in any order; their names don't count, their bytes do. */
export function mix(name: string, inputs: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(TENSOR_BYTES / 4).fill(0x811c9dc5);
  const add = (value: number): void => {
    for (let index = 0; index < words.length; index += 1) {
      const word = Math.imul(words[index]! ^ value ^ (words[(index + 1) % words.length]! >>> (7 + index)), 0x01000193 + 2 * index);
      words[index] = word ^ (word >>> 15);
    }
  };
  for (const letter of name) add(letter.charCodeAt(0));
  for (const input of inputs) {
    add(input.byteLength + 256);
    for (const byte of input) add(byte);
  }
  return new Uint8Array(words.buffer);
}

/** No two runs have the same inputs. */
export function inputOf(run: string, id: FrameId): Uint8Array<ArrayBuffer> {
  return mix(`frame ${id} of ${run}`, []);
}

/** Every tensor of a frame, by name. `plan`: without replicas. */
export function tensorsOf(plan: Plan, run: string, id: FrameId): ReadonlyMap<string, Uint8Array> {
  const made = new Map<string, Uint8Array>([['x', inputOf(run, id)]]);
  const makerOf = new Map(plan.stages.flatMap((stage) => stage.outputs.map(({ name }) => [name, stage] as const)));
  const make = (name: string): Uint8Array => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const stage = makerOf.get(name);
    if (stage === undefined) throw new Error(`nobody makes ${name}, not even ${SOURCE}`);
    const tensor = mix(
      name,
      stage.inputs.map((input) => make(input.name)),
    );
    made.set(name, tensor);
    return tensor;
  };
  for (const name of makerOf.keys()) make(name);
  return made;
}

/** Sink tensors of a frame, by name: what any plan of these stages must deliver. `plan`: without replicas. */
export function expectedOutputs(plan: Plan, run: string, id: FrameId): ReadonlyMap<string, Uint8Array> {
  const made = tensorsOf(plan, run, id);
  return new Map(sinkTensors(plan).map((name) => [name, made.get(name)!]));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
