// The parties of a small deployment, as nats-permissions.ts turns them into accounts.

/** A `meter` is a gateway or concentrator that publishes for the streets it names. */
export type NatsRole = 'meter' | 'aggregator' | 'trustee' | 'monitor' | 'auditor' | 'operator';

export interface NatsParty {
  /** One subject token: a trustee answers on `sw.v1.unmask.<name>`. */
  readonly name: string;
  /** One subject token, and the inbox token of its connection. Operators: see operatorUser. */
  readonly user: string;
  /** As it is, or its bcrypt hash (`$2a$…`), which is what belongs on a disk. */
  readonly password: string;
  readonly role: NatsRole;
  /** `es.md.28079` is that area alone, `es.md.28079.>` all below it. For meters and aggregators. */
  readonly areaSubjects?: readonly string[];
}

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;
const AREA = /^[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64})*(?:\.>)?$/;
// Printable, and without what a quoted string of the configuration would interpret.
const PASSWORD = /^[!#-[\]-~]{1,256}$/;

/** Throws TypeError: nothing passes that would need an escape in the configuration's text. */
export function checkParty(party: NatsParty): void {
  for (const key of ['name', 'user'] as const) {
    if (!TOKEN.test(party[key])) {
      throw new TypeError(`${key} of a party is 1 to 64 of A-Z a-z 0-9 _ -, not "${party[key]}"`);
    }
  }
  if (!PASSWORD.test(party.password)) {
    throw new TypeError(
      `password of "${party.user}": 1 to 256 printable characters, no " \\ or space`,
    );
  }
  for (const area of party.areaSubjects ?? []) {
    if (!AREA.test(area))
      throw new TypeError(`area of "${party.user}" is not a subject: "${area}"`);
  }
  const needsAreas = party.role === 'meter' || party.role === 'aggregator';
  if (needsAreas !== (party.areaSubjects ?? []).length > 0) {
    throw new TypeError(
      `"${party.user}": ${needsAreas ? 'needs areaSubjects' : 'has no areas'} as ${party.role}`,
    );
  }
}
