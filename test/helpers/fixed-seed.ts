/**
 * Property tests try the same cases in every run, so that a run that fails fails again. TEST_SEED=N tries others; a failure prints its seed.
 * Loaded into every test process by the settings in package.json.
 */
import fc from 'fast-check';

const SEED = 20_261_121;

const given = process.env.TEST_SEED;
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: given === undefined ? SEED : Number(given) });
