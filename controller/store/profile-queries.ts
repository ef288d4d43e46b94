/** Reading and writing collections and samples: SQL in, packed samples out. Synchronous; the worker thread calls it. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { MeshError } from '../../mesh/error.ts';
import type { Collection, CollectionSpec, Job, JobState } from '../profile/collection.ts';
import type { KernelList, PackedSamples, ProfileAnswers, ProfileRequest, SampleCount, SampleFilter } from './profile-records.ts';
import type { StoreRequest } from './records.ts';
import { packedOf, rowOf, sampleColumns } from './sample-row.ts';
import { inTransaction } from './transaction.ts';

type Kind = ProfileRequest['kind'];

const answers: { readonly [K in Kind]: (database: DatabaseSync, request: Extract<ProfileRequest, { kind: K }>) => ProfileAnswers[K] } = {
  'begin-collection': begin,
  'set-collection-status': setStatus,
  collections: (database) => collections(database),
  'collection-jobs': jobsOf,
  'fail-job': (database, { collection, job, failure }) => settleJob(database, collection, job, failure),
  'add-samples': addSamples,
  samples: samplesOf,
  'sample-counts': (database) =>
    database
      .prepare(
        'SELECT run, source, device, kind, COUNT(*) AS samples FROM sample GROUP BY run, source, device, kind ORDER BY MIN(at_ms), device, kind',
      )
      .all() as unknown as SampleCount[],
};

export function isProfileRequest(request: StoreRequest): request is ProfileRequest {
  return Object.hasOwn(answers, request.kind);
}

export function answerOfProfile(database: DatabaseSync, request: ProfileRequest): ProfileAnswers[Kind] {
  const work = answers[request.kind] as (database: DatabaseSync, request: ProfileRequest) => ProfileAnswers[Kind];
  return work(database, request);
}

function begin(database: DatabaseSync, { collection, jobs }: Extract<ProfileRequest, { kind: 'begin-collection' }>): undefined {
  inTransaction(database, () => {
    database
      .prepare('INSERT INTO collection (collection, started_ms, spec, status, error) VALUES (?, ?, ?, ?, ?)')
      .run(collection.collection, collection.startedMs, JSON.stringify(collection.spec), collection.status, collection.error ?? null);
    const insert = database.prepare('INSERT INTO collection_job (collection, job, plan) VALUES (?, ?, ?)');
    for (const { job, ...plan } of jobs) insert.run(collection.collection, job, JSON.stringify(plan));
  });
}

function setStatus(
  database: DatabaseSync,
  { collection, status, error }: Extract<ProfileRequest, { kind: 'set-collection-status' }>,
): undefined {
  const update = database.prepare('UPDATE collection SET status = ?, error = ? WHERE collection = ?');
  if (update.run(status, error ?? null, collection).changes === 0)
    throw new MeshError('not-found', `there is no collection "${collection}"`);
}

/** Newest first. */
function collections(database: DatabaseSync): Collection[] {
  const found = database
    .prepare('SELECT collection, started_ms, spec, status, error FROM collection ORDER BY started_ms DESC, collection DESC')
    .all();
  return found.map((row) => ({
    collection: row.collection as string,
    startedMs: row.started_ms as number,
    spec: JSON.parse(row.spec as string) as CollectionSpec,
    status: row.status as Collection['status'],
    error: (row.error as string | null) ?? undefined,
  }));
}

function jobsOf(database: DatabaseSync, { collection }: Extract<ProfileRequest, { kind: 'collection-jobs' }>): JobState[] {
  const found = database.prepare('SELECT job, plan, failure FROM collection_job WHERE collection = ? ORDER BY job').all(collection);
  return found.map(({ job, plan, failure }) => ({
    job: job as number,
    ...(JSON.parse(plan as string) as Omit<Job, 'job'>),
    failure: (failure as string | null) ?? undefined,
  }));
}

function settleJob(database: DatabaseSync, collection: string, job: number, failure: string): undefined {
  database.prepare('UPDATE collection_job SET failure = ? WHERE collection = ? AND job = ?').run(failure, collection, job);
}

/** One transaction, so that a job is done exactly when its sample is there. */
function addSamples(database: DatabaseSync, { packed, job }: Extract<ProfileRequest, { kind: 'add-samples' }>): undefined {
  inTransaction(database, () => {
    const list = database.prepare('INSERT OR IGNORE INTO kernel_list (digest, list) VALUES (?, ?)');
    for (const each of packed.lists) list.run(each.digest, each.list);
    const insert = database.prepare(`INSERT INTO sample (${sampleColumns.join(', ')}) VALUES (${sampleColumns.map(() => '?').join(', ')})`);
    for (const each of packed.samples) {
      const row = rowOf(each, job);
      insert.run(...sampleColumns.map((column) => row[column]!));
      if (job !== undefined) settleJob(database, each.sample.run, job, '');
    }
  });
}

function samplesOf(database: DatabaseSync, { filter }: Extract<ProfileRequest, { kind: 'samples' }>): PackedSamples {
  const { sql, values } = whereOf(filter);
  const rows = database.prepare(`SELECT ${sampleColumns.join(', ')} FROM sample ${sql} ORDER BY at_ms, rowid`).all(...values);
  const lists = database
    .prepare(`SELECT digest, list FROM kernel_list WHERE digest IN (SELECT DISTINCT kernel_list FROM sample ${sql})`)
    .all(...values);
  return { samples: rows.map(packedOf), lists: lists as unknown as KernelList[] };
}

function whereOf({ sources, kinds, devices, run, sha256, sinceMs }: SampleFilter): {
  readonly sql: string;
  readonly values: SQLInputValue[];
} {
  const oneOf = (column: string, list: readonly string[] | undefined): [string, readonly SQLInputValue[]][] =>
    list === undefined ? [] : [[`${column} IN (${list.map(() => '?').join(', ')})`, list]];
  const terms = [
    ...oneOf('source', sources),
    ...oneOf('kind', kinds),
    ...oneOf('device', devices),
    ...oneOf('run', run === undefined ? undefined : [run]),
    ...oneOf('sha256', sha256 === undefined ? undefined : [sha256]),
    ...(sinceMs === undefined ? [] : [['at_ms >= ?', [sinceMs]] as [string, readonly SQLInputValue[]]]),
  ];
  return {
    sql: terms.length === 0 ? '' : `WHERE ${terms.map(([term]) => term).join(' AND ')}`,
    values: terms.flatMap(([, values]) => values),
  };
}
