import test from 'ava';
import { refusalOf } from '../../../agent/stage/session/refusal.ts';

const path = '/tmp/x/stages/r-whole-1/model.onnx';
const failed = `Load model from ${path} failed:`;
const inNode = `${failed}This is an invalid model. In Node, ("n1", Frobnicate, "", -1) : ("a": tensor(float),) -> ("y": tensor(float),) , Error `;

const cases: readonly (readonly [said: string, code: string, reason: string])[] = [
  [
    `${inNode}No Op registered for Frobnicate with domain_version of 17`,
    'unsupported',
    'ONNX Runtime knows no operator "Frobnicate" in opset 17 (node "n1")',
  ],
  [
    `${inNode.replace('"n1"', '""')}No Op registered for Frobnicate with domain_version of 17`,
    'unsupported',
    'ONNX Runtime knows no operator "Frobnicate" in opset 17',
  ],
  [
    `${inNode.replace('Frobnicate, ""', 'Frobnicate, "com.foo"')}No opset import for domain 'com.foo'`,
    'unsupported',
    'ONNX Runtime knows no operator "Frobnicate" of "com.foo" (node "n1"): the model imports no opset of that domain',
  ],
  [
    `${failed}Fatal error: com.foo:Frobnicate(-1) is not a registered function/op`,
    'unsupported',
    'ONNX Runtime knows no operator "Frobnicate" of "com.foo"',
  ],
  [
    "Could not find an implementation for Sin(7) node with name 'n0'",
    'unsupported',
    'ONNX Runtime can\'t compute operator "Sin" (version 7) with these types (node "n0")',
  ],
  [
    `${failed}Node (n0) Op (MatMul) [ShapeInferenceError] Incompatible dimensions for matrix multiplication`,
    'invalid',
    'ONNX Runtime refuses the model: Node (n0) Op (MatMul) [ShapeInferenceError] Incompatible dimensions for matrix multiplication',
  ],
  [
    `${failed}/onnxruntime_src/onnxruntime/core/graph/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const int&) Unsupported model IR version: 99, max supported IR version: 13\n`,
    'invalid',
    'ONNX Runtime refuses the model: Unsupported model IR version: 99, max supported IR version: 13',
  ],
  [`something new about ${path}`, 'invalid', 'ONNX Runtime refuses the model: something new about the model'],
];
for (const [said, code, reason] of cases) {
  test(`a refusal in words: ${reason}`, (t) => t.deepEqual(refusalOf(said, path), { code, reason } as never));
}
