// Every unmask request that a trustee got, answered or not (design.md section 7). Nothing in it is
// secret: who asked, for how much of which interval, and the digest of the signed request, by which
// an auditor can match it with the monitor's own record.

import type { IntervalIndex } from '../core/interval.ts';
import type { Database, Statement } from './database.ts';

export interface LoggedRequest {
  readonly atSeconds: number;
  /** The monitor's public key, in hex. */
  readonly monitor: string;
  readonly interval: IntervalIndex;
  /** The grant's. */
  readonly area: string;
  readonly targetCount: number;
  readonly releasedCount: number;
  readonly requestDigest: Uint8Array;
}

export const REQUEST_LOG_SCHEMA: string = `CREATE TABLE requests (
  id INTEGER PRIMARY KEY, at_seconds INTEGER NOT NULL, monitor TEXT NOT NULL,
  interval INTEGER NOT NULL, area TEXT NOT NULL, target_count INTEGER NOT NULL,
  released_count INTEGER NOT NULL, request_digest BLOB NOT NULL
) STRICT;`;

export interface RequestLog {
  /** Durable when it returns: log before the answer is sent. */
  add(request: LoggedRequest): void;
  /** In the order in which they came, from this time on. */
  since(fromSeconds: number): LoggedRequest[];
  /** Forgets requests before this time. */
  prune(beforeSeconds: number): void;
}

/** Lives as long as the database that holds its table. */
export function openRequestLog(database: Database): RequestLog {
  const insert: Statement = database.prepare(
    'INSERT INTO requests VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)',
  );
  const select: Statement = database.prepare(
    'SELECT * FROM requests WHERE at_seconds >= ? ORDER BY id',
  );
  const remove: Statement = database.prepare('DELETE FROM requests WHERE at_seconds < ?');
  return {
    add(request) {
      insert.run(
        Math.floor(request.atSeconds),
        request.monitor,
        request.interval,
        request.area,
        request.targetCount,
        request.releasedCount,
        request.requestDigest,
      );
    },
    since: (fromSeconds) =>
      select.all(fromSeconds).map((row) => ({
        atSeconds: row.at_seconds as number,
        monitor: row.monitor as string,
        interval: row.interval as IntervalIndex,
        area: row.area as string,
        targetCount: row.target_count as number,
        releasedCount: row.released_count as number,
        requestDigest: row.request_digest as Uint8Array,
      })),
    prune(beforeSeconds) {
      remove.run(beforeSeconds);
    },
  };
}
