/**
 * Loaded by ava before every test file: a warning of the test process (a leaked listener, a deprecated call, an unclosed file) fails the run.
 */
process.on('warning', (warning) => {
  // Not ours to fix: features of Node that are still marked as experimental.
  if (warning.name === 'ExperimentalWarning') return;
  throw new Error(`the process gave a warning: ${warning.name}: ${warning.message}`, { cause: warning });
});
