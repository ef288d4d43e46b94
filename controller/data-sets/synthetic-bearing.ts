/**
 * The vibration of a bearing that nobody had to break: a seeded model of what an accelerometer on its housing measures, as a data set that needs
 * no files. One recording of each class, at 12,000 samples a second.
 *
 *     shaft ─ angle ─┬─ a rolling element meets the fault ─▶ pulses × load ─▶ resonance of the path ─┐
 *                    └─ unbalance, misalignment: 1, 2, 3 times its speed ────────────────────────────┴─▶ + noise ─▶ signal
 *
 * After McFadden, Smith, "Model for the vibration produced by a single point defect in a rolling element bearing", Journal of Sound and Vibration
 * 96, 1984, with the slip of Randall, Antoni, "Rolling element bearing diagnostics – a tutorial", Mechanical Systems and Signal Processing 25,
 * 2011. The geometry is that of the SKF 6205 of the CWRU data. Each fault is in a bearing of its own, mounted anew: the path from it to the sensor
 * has its own resonance, as in recordings of real ones.
 *
 * The numbers are chosen so that each vibration model of the zoo learns the classes in a few epochs from 800 windows, those without convolutions too,
 * for which what is high in frequency and short is hardest. It shows that training works; how good a model is at diagnosis it does not show.
 *
 * Values may differ in the last bit between mathematical libraries.
 */
import { normal } from '../../mesh/normal.ts';
import { Random } from '../../mesh/random.ts';
import type { Recording } from './windows.ts';

const SAMPLES_PER_SECOND = 12_000;
const WINDOWS_OF_CLASS = 100;

/** 1797 rpm, around which the speed wanders: how far a sample takes it off, and how much of it the drive makes good. */
const SHAFT_HZ = 1797 / 60;
const SPEED_WANDERS = 1e-4;
const SPEED_RETURNS = 2e-4;

const BALLS = 9;
/** Of a ball to that of the circle on which they run; the contact angle is 0. */
const DIAMETER_RATIO = 0.3126 / 1.537;
/** Turns of the cage in a turn of the shaft. */
const CAGE = (1 - DIAMETER_RATIO) / 2;

type Place = 'ball' | 'inner race' | 'outer race';

interface Location {
  /** Pulses in a turn of the shaft. A ball meets both races in each of its own turns. */
  readonly order: number;
  /** How often in a turn of the shaft the fault passes through the load zone; 0: it stays in it. */
  readonly loadOrder: number;
  /** Of the resonance of the path to the sensor, to the critical one: the outer race sits in the housing, a ball is held by films of oil. */
  readonly damping: number;
}

const locations: Readonly<Record<Place, Location>> = {
  ball: { order: (1 - DIAMETER_RATIO ** 2) / DIAMETER_RATIO, loadOrder: CAGE, damping: 0.014 },
  'inner race': { order: BALLS * (1 - CAGE), loadOrder: 1, damping: 0.009 },
  'outer race': { order: BALLS * CAGE, loadOrder: 0, damping: 0.005 },
};

interface Fault {
  readonly place: Place;
  readonly size: number;
  readonly resonanceHz: number;
}

interface Severity {
  readonly name: string;
  /** How long a ball takes to cross the fault, samples. */
  readonly crossing: number;
  /** How much less the path is damped than with a small fault: a larger one has loosened the bearing. */
  readonly looseness: number;
  /** Effective value of the ringing, in the unit in which NOISE is that of the noise. */
  readonly strength: number;
}

const severities: readonly Severity[] = [
  { name: '7 mil', crossing: 2, looseness: 1, strength: 2 },
  { name: '14 mil', crossing: 4, looseness: 1.2, strength: 2.4 },
  { name: '21 mil', crossing: 6, looseness: 1.4, strength: 2.8 },
];

/** By severity. */
const resonancesHz: Readonly<Record<Place, readonly number[]>> = {
  ball: [300, 430, 580],
  'inner race': [770, 1000, 1290],
  'outer race': [1620, 2050, 2600],
};

const faults: readonly Fault[] = severities.flatMap((_, size) =>
  (Object.keys(locations) as Place[]).map((place) => ({ place, size, resonanceHz: resonancesHz[place][size]! })),
);

/** By label: a healthy bearing, then each place at each severity. */
export const SYNTHETIC_CLASSES: readonly string[] = ['normal', ...faults.map(({ place, size }) => `${place} ${severities[size]!.name}`)];

/** Standard deviation from one pulse to the next: of its distance as a part of it (slip), of its strength. */
const SLIP = 0.003;
const UNEVENNESS = 0.1;
/** How much more a pulse has in the load zone than on the average, and less opposite to it. */
const LOAD_ZONE = 0.5;
/** Amplitudes at 1, 2, 3 times the speed of the shaft. */
const SHAFT_AMPLITUDES = [0.4, 0.2, 0.13] as const;
/** Standard deviation. */
const NOISE = 0.4;

/** One recording of each class, by label, of a hundred windows each. The same seed gives the same. */
export function* syntheticRecordings(window: number, seed: number): Generator<Recording, void, undefined> {
  for (const [label, name] of SYNTHETIC_CLASSES.entries()) {
    // Each class has its own numbers: one does not depend on how many another took.
    const random = new Random(seed + label * 2 ** 32);
    yield { label, source: `synthetic-bearing, ${name}`, samples: vibration(faults[label - 1], window * WINDOWS_OF_CLASS, random) };
  }
}

/** `fault`: undefined: none. */
function vibration(fault: Fault | undefined, length: number, random: Random): Float64Array {
  const turns = shaftTurns(length, random);
  const samples = fault === undefined ? new Float64Array(length) : ringing(pulses(fault, turns, random), fault);
  const phases = SHAFT_AMPLITUDES.map(() => random.next());
  for (let index = 0; index < length; index += 1) {
    let shaft = 0;
    for (const [harmonic, amplitude] of SHAFT_AMPLITUDES.entries()) {
      shaft += amplitude * Math.sin(2 * Math.PI * ((harmonic + 1) * turns[index]! + phases[harmonic]!));
    }
    samples[index]! += shaft + NOISE * normal(random);
  }
  return samples;
}

/** How often the shaft has turned at each sample. */
function shaftTurns(length: number, random: Random): Float64Array {
  const turns = new Float64Array(length);
  let speedHz = SHAFT_HZ;
  let turned = random.next();
  for (let index = 0; index < length; index += 1) {
    speedHz += SPEED_RETURNS * (SHAFT_HZ - speedHz) + SPEED_WANDERS * SHAFT_HZ * normal(random);
    turned += speedHz / SAMPLES_PER_SECOND;
    turns[index] = turned;
  }
  return turns;
}

/** The force on the fault: half a sine each time something rolls over it. Where in the sample it begins matters: it is the phase of the ringing. */
function pulses({ place, size }: Fault, turns: Float64Array, random: Random): Float64Array {
  const force = new Float64Array(turns.length);
  const { order, loadOrder } = locations[place];
  const { crossing } = severities[size]!;
  let next = turns[0]! + random.next() / order;
  for (let index = 1; index < turns.length; index += 1) {
    const now = turns[index]!;
    if (now < next) continue;
    const since = (now - next) / (now - turns[index - 1]!);
    const load = loadOrder === 0 ? 1 : 1 + LOAD_ZONE * Math.cos(2 * Math.PI * loadOrder * next);
    const strength = load * (1 + UNEVENNESS * normal(random));
    for (let step = 0; since + step < crossing && index + step < force.length; step += 1) {
      force[index + step]! += strength * Math.sin((Math.PI * (since + step)) / crossing);
    }
    next += (1 + SLIP * normal(random)) / order;
  }
  return force;
}

/** What arrives at the sensor: the path as a damped oscillator (two poles), brought to the strength of the severity. */
function ringing(force: Float64Array, { place, size, resonanceHz }: Fault): Float64Array {
  const { looseness, strength } = severities[size]!;
  const angle = (2 * Math.PI * resonanceHz) / SAMPLES_PER_SECOND;
  const radius = Math.exp((-locations[place].damping / looseness) * angle);
  const [first, second] = [2 * radius * Math.cos(angle), -radius * radius];
  const arrived = new Float64Array(force.length);
  let [before, last, energy] = [0, 0, 0];
  for (let index = 0; index < force.length; index += 1) {
    const now = force[index]! + first * last + second * before;
    [before, last] = [last, now];
    arrived[index] = now;
    energy += now * now;
  }
  const scale = strength / Math.sqrt(energy / force.length);
  for (let index = 0; index < arrived.length; index += 1) arrived[index]! *= scale;
  return arrived;
}
