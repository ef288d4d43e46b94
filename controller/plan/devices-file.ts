/**
 * `controller plan --devices FILE.json`: devices and links as a person describes them.
 *
 *     { "devices": [ { "name": "pi", "count": 4, "gmacPerS": 6, "memory": "1GB" },
 *                    { "name": "box", "gmacPerS": 40, "times": { "resnet18": { "1-12": 9.5, "13-31": 8.1 } } } ],
 *       "links": { "mbitPerS": 940, "latencyMs": 0.3, "between": [ { "from": "pi-1", "to": "box", "mbitPerS": 94 } ] },
 *       "source": "pi-1", "sink": "controller" }
 */
import { parseBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';
import { isName } from '../../mesh/name.ts';
import { suggest } from '../../mesh/suggest.ts';
import { DEVICES_MAX } from '../scheduler/pipeline/planner.ts';
import { TYPICAL } from './device-speed.ts';
import { CONTROLLER, type MeasuredText, type PlanDevice, type PlanFleet, type PlanLink } from './plan-fleet.ts';

/** Error `usage` with the place in the file. */
export function parseDevicesFile(text: string, file: string): PlanFleet {
  const fail: Fail = (path, found) => {
    throw new MeshError('usage', `${file}: ${path} ${found}`, { hint: 'controller plan --help shows such a file' });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new MeshError('usage', `${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const top = fields(json, 'the file', ['devices', 'links', 'source', 'sink', 'codecs', 'frameMs'], fail);
  const devices = list(top.devices, 'devices', fail).flatMap((each, index) => devicesOf(each, `devices[${index}]`, fail));
  if (devices.length === 0) fail('devices', 'is empty: expected at least one');
  if (devices.length > DEVICES_MAX) fail('devices', `are ${devices.length}: at most ${DEVICES_MAX} can be planned for`);
  const names = devices.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) fail('devices', `has two named "${twice}"`);
  const end = (value: unknown, path: string): string | undefined => {
    if (value === null) return undefined;
    if (value === undefined) return CONTROLLER;
    return placeName(value, path, names, fail);
  };
  const codecs = list(top.codecs ?? [], 'codecs', fail).map((each, index) => codecOf(each, `codecs[${index}]`, fail));
  const again = codecs.find(({ name }, index) => codecs.findIndex((other) => other.name === name) !== index);
  if (again !== undefined) fail('codecs', `has two named "${again.name}"`);
  return {
    devices,
    source: end(top.source, 'source'),
    sink: end(top.sink, 'sink'),
    codecs,
    frameMs: top.frameMs === undefined ? 0 : amount(top.frameMs, 'frameMs', 0, fail),
    link: linksOf(top.links, names, fail),
  };
}

type Fail = (path: string, found: string) => never;

function devicesOf(value: unknown, path: string, fail: Fail): PlanDevice[] {
  const given = fields(
    value,
    path,
    [
      'name',
      'count',
      'gmacPerS',
      'memoryGBPerS',
      'layerMs',
      'memory',
      'times',
      'cpuMsPerMB',
      'cpuMsPerMessage',
      'activeWatts',
      'radioNanojoulesPerByte',
    ],
    fail,
  );
  const { name } = given;
  if (typeof name !== 'string' || !isName(name) || name === CONTROLLER) {
    return fail(`${path}.name`, `is ${JSON.stringify(name) ?? 'missing'}: expected letters, digits, - and _, and not "${CONTROLLER}"`);
  }
  const number = (key: string, fallback: number, least = 0): number =>
    given[key] === undefined ? fallback : amount(given[key], `${path}.${key}`, least, fail);
  const segments = timesOf(given.times ?? {}, `${path}.times`, fail);
  if (given.gmacPerS === undefined && segments.size === 0) fail(path, 'has neither "gmacPerS" nor "times": how fast is it?');
  const device = {
    rates:
      given.gmacPerS === undefined
        ? undefined
        : {
            gmacPerS: positive(given.gmacPerS, `${path}.gmacPerS`, fail),
            memoryGBPerS:
              given.memoryGBPerS === undefined ? Number.POSITIVE_INFINITY : positive(given.memoryGBPerS, `${path}.memoryGBPerS`, fail),
            layerMs: number('layerMs', TYPICAL.layerMs),
          },
    segments,
    memoryBytes: given.memory === undefined ? Number.POSITIVE_INFINITY : memoryOf(given.memory, `${path}.memory`, fail),
    cpuMsPerByte: number('cpuMsPerMB', 0) / 1e6,
    cpuMsPerMessage: number('cpuMsPerMessage', 0),
    activeWatts: number('activeWatts', 1),
    radioNanojoulesPerByte: number('radioNanojoulesPerByte', 0),
  };
  if (given.count === undefined) return [{ name, ...device }];
  const count = amount(given.count, `${path}.count`, 1, fail);
  if (!Number.isInteger(count) || count > DEVICES_MAX)
    fail(`${path}.count`, `is ${count}: expected a whole number from 1 to ${DEVICES_MAX}`);
  return Array.from({ length: count }, (_, index) => ({ name: `${name}-${index + 1}`, ...device }));
}

function timesOf(value: unknown, path: string, fail: Fail): Map<string, readonly MeasuredText[]> {
  return new Map(
    Object.entries(fields(value, path, undefined, fail)).map(([model, times]) => {
      const entries = Object.entries(fields(times, `${path}.${model}`, undefined, fail));
      if (entries.length === 0) fail(`${path}.${model}`, 'is empty: expected for example {"1-12": 9.5}');
      return [model, entries.map(([layers, ms]) => ({ layers, ms: amount(ms, `${path}.${model}["${layers}"]`, 0, fail) }))];
    }),
  );
}

function linksOf(value: unknown, names: readonly string[], fail: Fail): PlanFleet['link'] {
  const given = fields(value, 'links', ['mbitPerS', 'latencyMs', 'between'], fail);
  const linkOf = (from: Record<string, unknown>, path: string, fallback: PlanLink | undefined): PlanLink => ({
    bytesPerMs:
      from.mbitPerS === undefined && fallback !== undefined ? fallback.bytesPerMs : positive(from.mbitPerS, `${path}.mbitPerS`, fail) * 125,
    latencyMs: from.latencyMs === undefined ? (fallback?.latencyMs ?? 0) : amount(from.latencyMs, `${path}.latencyMs`, 0, fail),
  });
  const usual = linkOf(given, 'links', undefined);
  const special = new Map<string, PlanLink>();
  for (const [index, each] of list(given.between ?? [], 'links.between', fail).entries()) {
    const path = `links.between[${index}]`;
    const link = fields(each, path, ['from', 'to', 'mbitPerS', 'latencyMs', 'oneWay'], fail);
    const [from, to] = [placeName(link.from, `${path}.from`, names, fail), placeName(link.to, `${path}.to`, names, fail)];
    if (from === to) fail(path, `goes from "${from}" to itself`);
    if (link.oneWay !== undefined && typeof link.oneWay !== 'boolean') fail(`${path}.oneWay`, 'is neither true nor false');
    const ways = link.oneWay === true ? [`${from} ${to}`] : [`${from} ${to}`, `${to} ${from}`];
    for (const way of ways) {
      if (special.has(way)) fail(path, `says again what is between "${from}" and "${to}"`);
      special.set(way, linkOf(link, path, usual));
    }
  }
  return (from, to) => special.get(`${from} ${to}`) ?? usual;
}

function codecOf(value: unknown, path: string, fail: Fail): PlanFleet['codecs'][number] {
  const given = fields(value, path, ['name', 'ratio', 'encodeMBPerS', 'decodeMBPerS', 'error'], fail);
  if (typeof given.name !== 'string' || given.name === '' || given.name === 'none') return fail(`${path}.name`, 'is missing, or "none"');
  return {
    name: given.name,
    ratio: positive(given.ratio, `${path}.ratio`, fail),
    encodeMsPerByte: 1 / (positive(given.encodeMBPerS, `${path}.encodeMBPerS`, fail) * 1e3),
    decodeMsPerByte: 1 / (positive(given.decodeMBPerS, `${path}.decodeMBPerS`, fail) * 1e3),
    error: given.error === undefined ? 0 : amount(given.error, `${path}.error`, 0, fail),
  };
}

function placeName(value: unknown, path: string, names: readonly string[], fail: Fail): string {
  if (typeof value === 'string' && (value === CONTROLLER || names.includes(value))) return value;
  const near = typeof value === 'string' ? suggest(value, [...names, CONTROLLER]) : undefined;
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  return fail(path, `is ${JSON.stringify(value) ?? 'missing'}: expected ${CONTROLLER} or one of ${names.join(', ')}${meant}`);
}

function memoryOf(value: unknown, path: string, fail: Fail): number {
  try {
    return parseBytes(String(value));
  } catch (error) {
    return fail(path, `is wrong: ${MeshError.from(error).message}`);
  }
}

function positive(value: unknown, path: string, fail: Fail): number {
  const number = amount(value, path, 0, fail);
  return number > 0 ? number : fail(path, 'is 0: expected more');
}

function amount(value: unknown, path: string, least: number, fail: Fail): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
  return fail(path, `is ${JSON.stringify(value) ?? 'missing'}: expected a number of at least ${least}`);
}

function list(value: unknown, path: string, fail: Fail): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, value === undefined ? 'is missing: expected a list' : 'is no list');
}

/** `known`: the fields there can be; others are slips of the finger, which would be ignored without a word. */
function fields(value: unknown, path: string, known: readonly string[] | undefined, fail: Fail): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(path, value === undefined ? 'is missing: expected an object' : 'is no object');
  }
  const unknown = known === undefined ? undefined : Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const near = suggest(unknown, known!);
    fail(path, `has "${unknown}": expected ${near === undefined ? known!.join(', ') : `"${near}"`}`);
  }
  return value as Record<string, unknown>;
}
