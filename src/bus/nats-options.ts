export type NatsCredentials =
  | { readonly user: string; readonly password: string }
  | { readonly nkeySeed: Uint8Array }
  | { readonly credsFile: Uint8Array };

export interface NatsOptions {
  readonly url: string | readonly string[];
  readonly credentials?: NatsCredentials;
  /** Shown in the server's lists of connections. */
  readonly name?: string;
  /**
   * Replies come to `_INBOX.<inboxToken>.…`, so that the server can be told that nobody else may
   * listen there. The user's name by default.
   */
  readonly inboxToken?: string;
  /**
   * Where the JetStream API is found: `sw.js` in a deployment with the accounts of
   * nats-permissions.ts, otherwise the server's own `$JS.API`.
   */
  readonly apiPrefix?: string;
  readonly tls?: {
    readonly caFile?: string;
    readonly certFile?: string;
    readonly keyFile?: string;
  };
  /** For development only: nats-server before 2.10 loses what it has acknowledged. */
  readonly allowOldServer?: boolean;
}

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

export function inboxPrefixOf(options: NatsOptions): string {
  const { credentials } = options;
  const user = credentials !== undefined && 'user' in credentials ? credentials.user : undefined;
  const token = options.inboxToken ?? (user !== undefined && TOKEN.test(user) ? user : undefined);
  if (token === undefined) return '_INBOX';
  if (!TOKEN.test(token)) throw new TypeError(`inboxToken is one subject token, not "${token}"`);
  return `_INBOX.${token}`;
}
