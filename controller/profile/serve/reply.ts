/** What a route answers, as a value: refusals are answers like others. */
import { type JsonObject, writeJson } from './python-json.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export function json(status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, text: writeJson(body) };
}

/** `more` says more than the sentence: problems, reasons of devices. */
export function refusal(status: number, message: string, more: JsonObject = {}, headers: Readonly<Record<string, string>> = {}): Reply {
  return json(status, { status: 'error', message, ...more }, headers);
}

/** Not now: it is worth asking again. */
export function notNow(message: string, more: JsonObject = {}): Reply {
  return refusal(503, message, more, { 'retry-after': '5' });
}
