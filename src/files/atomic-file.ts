// A file that appears whole or not at all: written beside its place, then renamed into it.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { notWritable } from './file-error.ts';

/** Disposed without `commit`, it leaves the old file, or none, as it was. */
export class AtomicFile implements AsyncDisposable {
  readonly #path: string;
  readonly #temporaryPath: string;
  #handle: FileHandle | undefined;

  private constructor(path: string, temporaryPath: string, handle: FileHandle) {
    this.#path = path;
    this.#temporaryPath = temporaryPath;
    this.#handle = handle;
  }

  /** @throws FileError `not-writable`, as do all the others. */
  static async create(path: string): Promise<AtomicFile> {
    // In the same folder, since a rename does not cross file systems.
    const temporaryPath = `${path}.${process.pid}.tmp`;
    try {
      return new AtomicFile(path, temporaryPath, await open(temporaryPath, 'w'));
    } catch (error) {
      throw notWritable(path, error);
    }
  }

  async append(text: string): Promise<void> {
    if (this.#handle === undefined)
      throw new TypeError('append: expected an open file, found closed');
    try {
      await this.#handle.appendFile(text);
    } catch (error) {
      throw notWritable(this.#path, error);
    }
  }

  async commit(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) throw new TypeError('commit: expected an open file, found closed');
    try {
      await handle.sync();
      await handle.close();
      await rename(this.#temporaryPath, this.#path);
      this.#handle = undefined;
    } catch (error) {
      throw notWritable(this.#path, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle === undefined) return;
    await handle.close();
    await rm(this.#temporaryPath, { force: true });
  }
}
