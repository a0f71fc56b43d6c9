import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test, gone afterwards. */
export class TemporaryFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'streetwatt-store-'));

  file(name: string): string {
    return join(this.path, name);
  }

  /** The files in which these bytes stand. Reading them drops this process's locks on them. */
  filesWith(bytes: Uint8Array): string[] {
    return readdirSync(this.path).filter((name) =>
      readFileSync(this.file(name)).includes(Buffer.from(bytes)),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The error that `action` throws. */
export function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, got none');
}
