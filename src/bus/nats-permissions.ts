// Accounts and permissions of a small deployment on one nats-server, as text for its configuration.
//
// A server checks a party's allow list when that party publishes. It does not check the *reply*
// subject, to which the server itself then sends: an acknowledgement, or the stored messages of a
// pull. Within one account that goes round every allow list: a reply subject `sw.v1.seal.x` gets
// bytes into SEALS. So:
//
// - Every stream has an account of its own, in which no party is a user (READINGS: only meters and
//   gateways). What the server sends there can reach that one stream at most, and a push consumer
//   that delivers into its own stream is refused by the server ("forms a cycle").
// - Everyone else is in the account MAIN, which has no JetStream. It reaches the streams through
//   exported services: the publish subjects of all but READINGS, and of each stream's JetStream API
//   what replays and lookups need, under `sw.js`. Replies that come back through a service do not go
//   on into another one.
// - READINGS exports no publish subject: nobody outside its account can store a reading, whatever
//   an allow list in MAIN says by mistake.
// - RECEIPTS say who reported: a meter reads its own streets', an auditor all, nobody else any.
// - Inboxes are one per user, and responders publish to inboxes only.
//
// Guaranteed by the server, and tested on a real one (test/bus/nats-permissions.test.ts): who may
// publish where, who may read which stream, and that reply subjects do not go round it.
// Not guaranteed: a gateway can get an acknowledgement, or a receipt or notice that it may read, onto
// the reading subject of another street (frames are authenticated; it is refused there); a party can
// create many consumers and slow the server down; whoever administers the server can do everything
// but forge signatures.

import { checkParty, type NatsParty } from './nats-party.ts';
import type { StreamName } from './port.ts';
import { STREAM_NAMES, STREAMS } from './streams.ts';

/** The `apiPrefix` with which parties connect; operators use the server's own. */
export const RESTRICTED_API_PREFIX = 'sw.js';

const MAIN = 'MAIN';
/** What meters read. */
const DOWNLINK: readonly StreamName[] = ['RECEIPTS', 'NOTICES'];

/** An operator has a user in each stream's account, to create the stream there. */
export function operatorUser(user: string, stream: StreamName): string {
  return `${user}-${stream.toLowerCase()}`;
}

/** Goes into nats-server's configuration as it is. Throws TypeError or RangeError on a bad party. */
export function natsAccountsConfig(parties: readonly NatsParty[]): string {
  const users = new Set<string>();
  for (const party of parties) {
    checkParty(party);
    if (users.has(party.user)) throw new RangeError(`user "${party.user}" is there twice`);
    users.add(party.user);
  }
  return [
    'accounts {',
    ...STREAM_NAMES.flatMap((stream) => streamAccount(stream, parties)),
    ...mainAccount(parties.filter((p) => p.role !== 'meter' && p.role !== 'operator')),
    '}',
    '',
  ].join('\n');
}

function streamAccount(stream: StreamName, parties: readonly NatsParty[]): string[] {
  const prefix = STREAMS[stream].subjectPrefix;
  const operators = parties
    .filter((party) => party.role === 'operator')
    .map((party) => userLine(operatorUser(party.user, stream), party.password));
  const meters = stream === 'READINGS' ? parties.filter((party) => party.role === 'meter') : [];
  // Meters follow their streets' receipts and notices from where they are.
  const readers = DOWNLINK.includes(stream) ? `[${MAIN}, READINGS]` : `[${MAIN}]`;
  const exports = apiOf(stream).map((subject) => {
    const response = isPull(subject) ? ', response: stream' : '';
    return `{ service: ${quoted(`$JS.API.${subject}`)}, accounts: ${readers}${response} }`;
  });
  if (stream !== 'READINGS') {
    exports.push(`{ service: ${quoted(`${prefix}>`)}, accounts: [${MAIN}] }`);
  }
  const imports = stream === 'READINGS' ? DOWNLINK.flatMap(apiImports) : [];
  return account(stream, ['jetstream: enabled'], {
    users: [...operators, ...meters.map(partyLine)],
    exports,
    imports,
  });
}

function mainAccount(parties: readonly NatsParty[]): string[] {
  const imports = STREAM_NAMES.flatMap((stream) => {
    const subject = quoted(`${STREAMS[stream].subjectPrefix}>`);
    const publish = `{ service: { account: ${stream}, subject: ${subject} } }`;
    return stream === 'READINGS' ? apiImports(stream) : [...apiImports(stream), publish];
  });
  return account(MAIN, [], { users: parties.map(partyLine), exports: [], imports });
}

/** Under a prefix of its own: `$JS.API` is answered by the importing account's JetStream, or lack of it. */
function apiImports(stream: StreamName): string[] {
  return apiOf(stream).map((subject) => {
    const service = `{ account: ${stream}, subject: ${quoted(`$JS.API.${subject}`)} }`;
    return `{ service: ${service}, to: ${quoted(`${RESTRICTED_API_PREFIX}.${subject}`)} }`;
  });
}

/** Ephemeral consumers by name, and lookups; nothing that changes or removes what is stored. */
function apiOf(stream: StreamName): string[] {
  return [
    `CONSUMER.CREATE.${stream}.>`,
    `CONSUMER.MSG.NEXT.${stream}.>`,
    `CONSUMER.DELETE.${stream}.*`,
    `STREAM.MSG.GET.${stream}`,
    `STREAM.INFO.${stream}`,
  ];
}

function isPull(apiSubject: string): boolean {
  return apiSubject.startsWith('CONSUMER.MSG.NEXT.');
}

interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

function permissionsOf(party: NatsParty): Permissions {
  const areas = party.areaSubjects ?? [];
  const inbox = `_INBOX.${party.user}.>`;
  switch (party.role) {
    case 'meter':
      return {
        publish: [
          ...areas.map((area) => `sw.v1.reading.${area}`),
          ...new Set(DOWNLINK.flatMap((s) => areas.flatMap((area) => readBelow(s, area)))),
        ],
        subscribe: [inbox],
      };
    case 'aggregator':
      return {
        publish: [
          ...areas.flatMap((area) => [
            `sw.v1.seal.${oneBelow(area)}`,
            `sw.v1.total.${oneBelow(area)}`,
            // Also of the area, where it is a street: nats-server does not find `c.*` for `c.s1` where
            // `c.s1.*` stands beside it.
            `sw.v1.receipt.${area}`,
            `sw.v1.receipt.${oneBelow(area)}`,
          ]),
          // Of the readings, its own areas' and what is below them.
          ...new Set(areas.flatMap((area) => readBelow('READINGS', area))),
          ...readAll('SEALS', 'TOTALS', 'LEDGER', 'NOTICES'),
          '_INBOX.>',
        ],
        subscribe: [inbox, 'sw.v1.notice.>', ...areas.map((area) => `sw.v1.query.${area}`)],
      };
    case 'trustee':
      return {
        publish: [
          `sw.v1.ledger.${party.name}.>`,
          ...readAll('SEALS', 'LEDGER', 'NOTICES'),
          '_INBOX.>',
        ],
        subscribe: [inbox, 'sw.v1.notice.>', `sw.v1.unmask.${party.name}`],
      };
    case 'monitor':
      return {
        publish: [
          'sw.v1.unmask.*',
          'sw.v1.query.>',
          ...readAll('TOTALS', 'LEDGER', 'NOTICES'),
          '_INBOX.>', // it tells a responder that it has taken a window of chunks
        ],
        subscribe: [inbox, 'sw.v1.notice.>'],
      };
    case 'auditor':
      return {
        publish: ['sw.v1.notice.>', ...readAll(...STREAM_NAMES)],
        subscribe: [inbox, 'sw.v1.notice.>'],
      };
    case 'operator':
      return { publish: [], subscribe: [] }; // not a user of MAIN
  }
}

/** An area's intervals or streets; of a subtree, all that is below it. */
function oneBelow(area: string): string {
  return area.endsWith('.>') ? area : `${area}.*`;
}

function readAll(...streams: readonly StreamName[]): string[] {
  return streams.flatMap((stream) =>
    apiOf(stream).map((subject) => `${RESTRICTED_API_PREFIX}.${subject}`),
  );
}

/** Only consumers whose filter, which stands in the API's subject, is the area or below it. */
function readBelow(stream: StreamName, area: string): string[] {
  const root = area.replace(/\.>$/, '');
  const create = `${RESTRICTED_API_PREFIX}.CONSUMER.CREATE.${stream}.*`;
  const prefix = STREAMS[stream].subjectPrefix;
  return [
    `${create}.${prefix}${root}`,
    `${create}.${prefix}${root}.>`,
    `${RESTRICTED_API_PREFIX}.CONSUMER.MSG.NEXT.${stream}.>`,
    `${RESTRICTED_API_PREFIX}.CONSUMER.DELETE.${stream}.*`,
    `${RESTRICTED_API_PREFIX}.STREAM.INFO.${stream}`,
  ];
}

function account(
  name: string,
  settings: readonly string[],
  lists: Readonly<Record<'users' | 'exports' | 'imports', readonly string[]>>,
): string[] {
  const list = (key: keyof typeof lists) =>
    lists[key].length === 0
      ? []
      : [`    ${key}: [`, ...lists[key].map((line) => `      ${line}`), '    ]'];
  return [
    `  ${name} {`,
    ...settings.map((line) => `    ${line}`),
    ...list('users'),
    ...list('exports'),
    ...list('imports'),
    '  }',
  ];
}

function partyLine(party: NatsParty): string {
  const { publish, subscribe } = permissionsOf(party);
  const subjects = (list: readonly string[]) => `[${list.map(quoted).join(', ')}]`;
  const permissions = `{ publish: ${subjects(publish)}, subscribe: ${subjects(subscribe)} }`;
  return userLine(party.user, party.password, `, permissions: ${permissions}`);
}

function userLine(user: string, password: string, more = ''): string {
  return `{ user: ${quoted(user)}, password: ${quoted(password)}${more} }`;
}

function quoted(value: string): string {
  return `"${value}"`; // checkParty lets nothing through that would need an escape
}
