/** All of it, or nothing. */
import type { DatabaseSync } from 'node:sqlite';

export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  // Whoever reads first and writes then must not be overtaken.
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // Of a full disk, for example, it was undone already, and undoing it again would be an error that hides this one.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
