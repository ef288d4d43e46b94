'use strict';
// Exits with 0 when node_modules holds exactly what package-lock.json asks for, otherwise with 1 and the first difference.
// npm records what it installed in node_modules/.package-lock.json. Old syntax and CommonJS: the machine's own Node runs this.
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');

function packages(file) {
  const all = JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  delete all['']; // the project itself
  return all;
}

function difference() {
  const record = 'node_modules/.package-lock.json';
  if (!fs.existsSync(record)) return 'nothing is installed';
  const wanted = packages('package-lock.json');
  const installed = packages(record);
  for (const [path, entry] of Object.entries(wanted)) {
    // Packages for other platforms are optional, and absent.
    if (installed[path] === undefined && entry.optional) continue;
    if (installed[path] === undefined) return `${path} is not installed`;
    if (installed[path].version !== entry.version) return `${path} is ${installed[path].version}, expected ${entry.version}`;
  }
  // The only package whose install script matters: it fetches the binary for this machine.
  execFileSync('node_modules/.bin/node', ['--version']);
  return undefined;
}

const found = difference();
if (found !== undefined) {
  console.error(`node_modules: ${found}`);
  process.exit(1);
}
