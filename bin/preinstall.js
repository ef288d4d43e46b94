'use strict';
// Runs before splitmesh is installed as a package. onnxruntime-node contains all that splitmesh needs, but its own install script goes on
// to download 400 MB of CUDA libraries on Linux x64, and fails the whole installation when it cannot. It leaves alone what is there
// already, so placeholders take the place of those libraries. (In a checkout .npmrc does the same; --ignore-scripts does no harm either.)
//
// Whoever wants the libraries says so, and gets them: ONNXRUNTIME_NODE_INSTALL=cuda12 npm install splitmesh.
const fs = require('fs');
const path = require('path');

const LIBRARIES = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so'];
const TEXT =
  'A placeholder by splitmesh, which runs models on the CPU. For CUDA: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node\n';

function isInstalledAsPackage() {
  return path.basename(path.dirname(path.dirname(__dirname))) === 'node_modules';
}

function somebodyElseDecides() {
  if (process.env.ONNXRUNTIME_NODE_INSTALL || process.env.npm_config_onnxruntime_node_install) return true;
  // A project that uses ONNX Runtime itself shares the installed copy with us.
  const project = path.join(process.env.npm_config_local_prefix || '', 'package.json');
  if (process.env.npm_config_global === 'true' || !fs.existsSync(project)) return false;
  const manifest = JSON.parse(fs.readFileSync(project, 'utf8'));
  return [manifest.dependencies || {}, manifest.devDependencies || {}].some((list) => list['onnxruntime-node']);
}

function placeTheHolders() {
  const runtime = path.dirname(require.resolve('onnxruntime-node/package.json', { paths: [__dirname] }));
  const folder = path.join(runtime, 'bin', 'napi-v6', process.platform, process.arch);
  for (const library of LIBRARIES) {
    const file = path.join(folder, library);
    if (!fs.existsSync(file)) fs.writeFileSync(file, TEXT);
  }
}

if (process.platform === 'linux' && process.arch === 'x64' && isInstalledAsPackage() && !somebodyElseDecides()) {
  try {
    placeTheHolders();
  } catch (error) {
    // Without placeholders the installation may still succeed.
    console.warn(`splitmesh: warning: ${error.message}`);
  }
}
