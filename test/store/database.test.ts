import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { StoreError } from '../../src/store/errors.ts';
import { openMonitorStore } from '../../src/store/monitor-store.ts';
import { openTrusteeStore } from '../../src/store/trustee-store.ts';
import { errorOf, TemporaryFolder } from './temporary.ts';

const OPTIONS = { kind: 'test', schema: ['CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB) STRICT'] };

describe('a database', () => {
  it('keeps its rows over a restart, in files that only their owner can read', () => {
    using folder = new TemporaryFolder();
    {
      using database = openDatabase(folder.file('a.db'), OPTIONS);
      database.prepare('INSERT INTO t VALUES (?, ?)').run(1, Uint8Array.of(7));
      for (const name of ['a.db', 'a.db-wal'])
        expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
    }
    using database = openDatabase(folder.file('a.db'), OPTIONS);
    expect(database.prepare('SELECT * FROM t').all()).toEqual([{ a: 1, b: Uint8Array.of(7) }]);
  });

  it('takes back a mode that others could read', () => {
    using folder = new TemporaryFolder();
    openDatabase(folder.file('a.db'), OPTIONS)[Symbol.dispose]();
    chmodSync(folder.file('a.db'), 0o644);
    using database = openDatabase(folder.file('a.db'), OPTIONS);
    expect(statSync(database.file).mode & 0o777).toBe(0o600);
  });

  it('does all of a transaction or nothing', () => {
    using database = openDatabase(':memory:', OPTIONS);
    const insert = database.prepare('INSERT INTO t VALUES (?, NULL)');
    const failing = () =>
      database.transaction(() => {
        insert.run(1);
        throw new RangeError('no');
      });
    expect(failing).toThrow(RangeError);
    database.transaction(() => insert.run(2));
    expect(database.prepare('SELECT a FROM t').all()).toEqual([{ a: 2 }]);
  });

  it('refuses a transaction inside another', () => {
    using database = openDatabase(':memory:', OPTIONS);
    expect(() => database.transaction(() => database.transaction(() => 1))).toThrow(TypeError);
  });

  it('takes only the schema steps that a file has not taken', () => {
    using folder = new TemporaryFolder();
    openDatabase(folder.file('a.db'), OPTIONS)[Symbol.dispose]();
    const schema = [...OPTIONS.schema, 'ALTER TABLE t ADD COLUMN c INTEGER'];
    using database = openDatabase(folder.file('a.db'), { kind: 'test', schema });
    expect(database.prepare('INSERT INTO t VALUES (1, NULL, 3)').run()).toBe(1);
  });

  it('says so when it is closed, and closes twice without harm', () => {
    const database = openDatabase(':memory:', OPTIONS);
    const statement = database.prepare('SELECT 1');
    database[Symbol.dispose]();
    database[Symbol.dispose]();
    expect(errorOf(() => statement.get())).toMatchObject({ code: 'closed' });
    expect(errorOf(() => database.exec('SELECT 1'))).toMatchObject({ code: 'closed' });
  });
});

describe('a second opener', () => {
  const open = `
    import { openTrusteeStore } from ${JSON.stringify(new URL('../../src/store/trustee-store.ts', import.meta.url).href)};
    try { openTrusteeStore(process.argv[1]); console.log('open'); }
    catch (error) { console.log(error.name, error.code, error.message); }`;
  const openElsewhere = (file: string) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', open, file], {
      encoding: 'utf8',
    }).stdout.trim();

  it('in another process is told that the store is locked, until it is closed', () => {
    using folder = new TemporaryFolder();
    const file = folder.file('trustee.db');
    {
      using _store = openTrusteeStore(file);
      expect(openElsewhere(file)).toBe(
        `StoreError locked ${file}: another process has it open, and only one may.`,
      );
    }
    expect(openElsewhere(file)).toBe('open');
  });

  it('in the same process is refused as well, and the first one keeps its lock', () => {
    using folder = new TemporaryFolder();
    const file = folder.file('trustee.db');
    using _store = openTrusteeStore(file);
    expect(errorOf(() => openTrusteeStore(file))).toMatchObject({ code: 'locked', file });
    expect(openElsewhere(file)).toContain('StoreError locked');
  });

  it('may read a monitor’s history beside it', () => {
    using folder = new TemporaryFolder();
    using _store = openMonitorStore(folder.file('monitor.db'));
    using reader = openMonitorStore(folder.file('monitor.db'));
    expect(reader.latestInterval()).toBeUndefined();
  });
});

describe('a file that is no store', () => {
  const cases: readonly [string, string, (file: string) => void][] = [
    ['text', 'not-a-database', (file) => writeFileSync(file, 'area,meter\n'.repeat(1000))],
    ['a folder that is missing', 'unavailable', () => undefined],
    ['a store of another role', 'wrong-kind', (file) => openMonitorStore(file)[Symbol.dispose]()],
    [
      'a database of another program',
      'wrong-kind',
      (file) => {
        const sqlite = new DatabaseSync(file);
        sqlite.exec('CREATE TABLE t (a)');
        sqlite.close();
      },
    ],
    [
      'a newer schema',
      'newer-schema',
      (file) => {
        openTrusteeStore(file)[Symbol.dispose]();
        const sqlite = new DatabaseSync(file);
        sqlite.exec('PRAGMA user_version = 99');
        sqlite.close();
      },
    ],
    [
      'a store whose first page is overwritten',
      'corrupt',
      (file) => {
        openTrusteeStore(file)[Symbol.dispose]();
        const descriptor = openSync(file, 'r+');
        writeSync(descriptor, new Uint8Array(3996).fill(0x5a), 0, 3996, 100);
        closeSync(descriptor);
      },
    ],
    [
      'a store that was cut short',
      'corrupt',
      (file) => {
        openTrusteeStore(file)[Symbol.dispose]();
        truncateSync(file, 4096);
      },
    ],
  ];
  it.each(cases)('is refused in one clear sentence: %s', (name, code, make) => {
    using folder = new TemporaryFolder();
    const file = name.startsWith('a folder') ? folder.file('none/a.db') : folder.file('a.db');
    make(file);
    const error = errorOf(() => {
      using store = openTrusteeStore(file);
      store.loadLedger(0);
    });
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code, file });
    expect((error as Error).message).toMatch(/^[^\n]+: [^\n]+\.$/);
    expect((error as Error).message).toContain(file);
  });

  it('leaves a foreign database as it was', () => {
    using folder = new TemporaryFolder();
    const file = folder.file('a.db');
    const sqlite = new DatabaseSync(file);
    sqlite.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    sqlite.close();
    errorOf(() => openTrusteeStore(file));
    const again = new DatabaseSync(file);
    expect(again.prepare('SELECT a FROM t').all()).toEqual([{ a: 1 }]);
    expect(again.prepare('PRAGMA application_id').get()).toEqual({ application_id: 0 });
    again.close();
  });
});
