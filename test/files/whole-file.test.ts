import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFirst, writeSecret, writeWhole } from '../../src/files/whole-file.ts';

let folder = '';
const at = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streetwatt-whole-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file that appears whole', () => {
  it('takes the place of the one before, and leaves nothing beside it', async () => {
    await writeWhole(at('a'), 'one');
    await writeWhole(at('a'), Uint8Array.of(0x74, 0x77, 0x6f));
    expect(await readFile(at('a'), 'utf8')).toBe('two');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('is its owner’s alone where it is secret, also where everybody could read the one before', async () => {
    await writeFile(at('a'), 'before');
    await chmod(at('a'), 0o644);
    await writeSecret(at('a'), 'secret');
    expect((await stat(at('a'))).mode & 0o777).toBe(0o600);
  });

  it('does not follow a link that stands in its place', async () => {
    await writeFile(at('elsewhere'), 'kept');
    await symlink(at('elsewhere'), at('a'));
    await writeSecret(at('a'), 'secret');
    expect(await readFile(at('elsewhere'), 'utf8')).toBe('kept');
  });

  it('is refused where it must be the first and is not, and the one before stays', async () => {
    await writeFirst(at('a'), 'one');
    await expect(writeFirst(at('a'), 'two')).rejects.toMatchObject({
      code: 'not-writable',
      message: expect.stringContaining('a file that is there already'),
    });
    expect(await readFile(at('a'), 'utf8')).toBe('one');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('says what is wrong with a place that is none', async () => {
    await expect(writeWhole(at('none/a'), '')).rejects.toMatchObject({
      code: 'not-writable',
      message: expect.stringContaining('no such folder'),
    });
  });
});
