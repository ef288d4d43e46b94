import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { inTransaction } from '../../../controller/store/transaction.ts';

test('what was done in a transaction that fails was not done', (t) => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE one (value INTEGER UNIQUE)');
  const add = (value: number) => database.prepare('INSERT INTO one VALUES (?)').run(value);
  t.is(
    inTransaction(database, () => add(1).changes),
    1,
  );
  t.throws(
    () =>
      inTransaction(database, () => {
        add(2);
        add(1);
      }),
    { message: /UNIQUE/ },
  );
  t.is(database.prepare('SELECT COUNT(*) AS rows FROM one').get()!.rows, 1);
  t.is(
    inTransaction(database, () => add(3).changes),
    1,
  );
  database.close();
});

test('a full disk, at which the database undoes everything by itself, is said to be one', (t) => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE one (value TEXT); PRAGMA max_page_count = 3');
  t.throws(
    () =>
      inTransaction(database, () => {
        for (let row = 0; row < 100; row += 1) database.prepare('INSERT INTO one VALUES (?)').run('x'.repeat(1_000));
      }),
    { message: /full/ },
  );
  t.false(database.isTransaction);
  database.close();
});
