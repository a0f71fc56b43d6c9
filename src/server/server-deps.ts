// What the server is made of: the map's port, who may see what, and where the page lies.

import type { MapSource } from '../map/map-source.ts';
import type { Viewer } from '../map/viewer.ts';
import type { TokenHolder, TokenTable } from './token-table.ts';

export interface ServerDeps {
  readonly source: MapSource;
  readonly tokens: TokenTable;
  /** What is seen without a token; undefined where one is needed. */
  readonly anonymous: Viewer | undefined;
  /** The built page: `build/web`. It may be missing. */
  readonly webDirectory: string;
  /**
   * Host names that this server answers to, beside `localhost` and addresses; `*` for any, behind a
   * proxy that checks. A page of another site that has its own name point here (DNS rebinding) is
   * refused by this.
   */
  readonly hosts?: readonly string[];
  /** Whether a proxy in front of it speaks https: the session's cookie is `Secure` then. */
  readonly isHttps?: boolean;
  /** What went wrong inside; the caller was told nothing of it. */
  readonly onError?: (error: unknown) => void;
  readonly limits?: Partial<ServerLimits>;
}

export interface ServerLimits {
  /** Of one request to the source. */
  readonly timeoutMs: number;
  readonly maxStreams: number;
  readonly maxStreamsPerViewer: number;
  /** Files that are being made. */
  readonly maxExports: number;
  readonly maxExportsPerViewer: number;
  /** Between two `clock` events. */
  readonly heartbeatMs: number;
  /** A reader of events or of a file that takes nothing for so long is dropped. */
  readonly slowReaderMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  timeoutMs: 30_000,
  maxStreams: 512,
  maxStreamsPerViewer: 128,
  maxExports: 32,
  maxExportsPerViewer: 16,
  heartbeatMs: 15_000,
  slowReaderMs: 30_000,
};

export function serverLimits(deps: ServerDeps): ServerLimits {
  return { ...DEFAULT_LIMITS, ...deps.limits };
}

/** What the requests of one application carry from one handler to the next. */
export interface ServerEnv {
  Variables: {
    /** Whose token it is; undefined without a token. */
    holder: TokenHolder | undefined;
    viewer: Viewer | undefined;
  };
}
