'use strict';
// Starts a program of the installed package, when this Node can run it. CommonJS and old syntax on purpose: a Node that is too old must
// get as far as saying so, instead of failing on the first line it does not understand.
const nodeModule = require('module');
const os = require('os');
const path = require('path');
const url = require('url');

const needed = [22, 20];

function isTooOld(version) {
  const parts = version.split('.').map(Number);
  return parts[0] < needed[0] || (parts[0] === needed[0] && parts[1] < needed[1]);
}

// Compiled code is kept between starts, by this program and by those it starts: they start faster and take less memory.
function keepCompiledCode() {
  if (process.env.NODE_COMPILE_CACHE) return;
  const folder = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'splitmesh', 'node');
  nodeModule.enableCompileCache(folder);
  process.env.NODE_COMPILE_CACHE = folder;
}

module.exports = function start(program) {
  if (isTooOld(process.versions.node)) {
    console.error(`${program}: error: this is Node ${process.versions.node}; needed: Node ${needed.join('.')} or newer`);
    console.error(
      `${program}: hint: npm install --global node@24, or see https://nodejs.org (in a checkout, bin/${program} brings its own)`,
    );
    process.exit(1);
  }
  keepCompiledCode();
  return import(url.pathToFileURL(path.join(__dirname, '..', 'dist', program, 'main.js')).href);
};
