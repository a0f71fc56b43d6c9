// A made-up country as a network document: streets of 25 to 60 homes, one in sixteen smaller, some 30
// streets a suburb, suburbs in municipalities, provinces and regions. Seeded: one size, one country.

import type { AreaId } from '../../src/core/area.ts';
import { DEFAULT_CHANNELS } from '../../src/core/channel.ts';
import type { Quorum } from '../../src/core/components.ts';
import {
  type AreaRecord,
  encodeNetworkDocument,
  type NetworkPolicy,
} from '../../src/core/network.ts';
import { planCells } from '../../src/core/plan.ts';
import type { PlanStreet } from '../../src/core/plan-types.ts';
import type { Parties } from '../../src/runtime/parties.ts';
import { publicParties } from '../../src/runtime/sign-network.ts';
import {
  createKind,
  FIRST_EPOCH,
  type KindShape,
  NETWORK_ID,
  type StreetKind,
} from './street-kinds.ts';

export const QUORUM: Quorum = { trusteeCount: 3, quorum: 2 };
/** Tokens of an area's id. */
export const DEPTH = { nation: 1, region: 2, province: 3, municipality: 4, suburb: 5, street: 6 };
/** Party 0 hosts the nation and its regions, party 1 all below. */
export const NATIONAL_PARTY = 0;
const LOCAL_PARTY = 1;

const POLICY: NetworkPolicy = {
  networkId: NETWORK_ID,
  intervalSeconds: 900,
  channels: DEFAULT_CHANNELS,
  quorum: QUORUM.quorum,
  minMeters: 20,
  marginMeters: 2,
  minPresencePermille: 800,
  maxCapSharePermille: 250,
  closeAfterSeconds: 60,
  levelSeconds: 5,
};

const PROVINCES_A_REGION = 8;
const MUNICIPALITIES_A_PROVINCE = 40;
const SUBURBS_A_MUNICIPALITY = 6;

export interface Country {
  readonly document: Uint8Array;
  readonly meterCount: number;
  readonly streetCount: number;
  readonly areaCount: number;
  readonly cellCount: number;
  readonly kinds: readonly KindShape[];
  /** By area index: the street's kind. */
  readonly kindOf: Uint16Array;
  /** Area indices, in tree order. */
  readonly provinces: readonly number[];
}

export function createCountry(name: string, meters: number, parties: Parties): Country {
  const random = seededFractions(name.length * 7919 + 1);
  const areas: AreaRecord[] = [];
  const ids: AreaId[] = [];
  const streets: PlanStreet[] = [];
  const kinds = new Map<string, { readonly index: number; readonly kind: StreetKind }>();
  const shapes: KindShape[] = [];
  const kindOf: number[] = [];
  const provinces: number[] = [];
  let meterCount = 0;

  const kindFor = (shape: KindShape) => {
    let known = kinds.get(shape.join());
    if (known === undefined) {
      known = { index: kinds.size, kind: createKind(shape) };
      kinds.set(shape.join(), known);
      shapes.push(shape);
    }
    return known;
  };
  const addArea = (parent: number | null, token: string, aggregator: number): number => {
    ids.push((parent === null ? token : `${ids[parent]}/${token}`) as AreaId);
    kindOf.push(0);
    return areas.push({ token, parent, aggregator, street: null }) - 1;
  };
  const addStreet = (suburb: number, place: number): void => {
    const index = addArea(suburb, `s${pad(place, 3)}`, LOCAL_PARTY);
    const { index: kindIndex, kind } = kindFor(drawShape(random));
    kindOf[index] = kindIndex;
    const { street, sets } = kind;
    const countOf = (bit: number) => sets.filter((set) => (set & bit) !== 0).length;
    areas[index] = {
      ...(areas[index] as AreaRecord),
      street: {
        rosterDigest: street.rosterDigest,
        meterCount: sets.length,
        declaredCounts: [sets.length, countOf(2), countOf(4)],
        unmeteredProducerCount: countOf(2) - countOf(4),
      },
    };
    streets.push({ area: ids[index] as AreaId, meters: street.roster.entries });
    meterCount += sets.length;
  };

  const nation = addArea(null, name, NATIONAL_PARTY);
  for (let r = 0; meterCount < meters; r++) {
    const region = addArea(nation, `r${pad(r, 3)}`, NATIONAL_PARTY);
    for (let p = 0; p < PROVINCES_A_REGION && meterCount < meters; p++) {
      const province = addArea(region, `p${p}`, LOCAL_PARTY);
      provinces.push(province);
      for (let m = 0; m < MUNICIPALITIES_A_PROVINCE && meterCount < meters; m++) {
        const municipality = addArea(province, `m${pad(m, 2)}`, LOCAL_PARTY);
        for (let b = 0; b < SUBURBS_A_MUNICIPALITY && meterCount < meters; b++) {
          const suburb = addArea(municipality, `b${b}`, LOCAL_PARTY);
          const count = 24 + Math.floor(random() * 13);
          for (let s = 0; s < count; s++) addStreet(suburb, s);
        }
      }
    }
  }

  const plan = planCells(streets, POLICY);
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const at = (id: AreaId): number => indexOf.get(id) as number;
  const document = encodeNetworkDocument({
    ...POLICY,
    version: 1,
    fromEpoch: FIRST_EPOCH,
    previous: null,
    ...publicParties(parties),
    provisioners: [],
    attestationDigests: parties.trustees.map(() => new Uint8Array(32)),
    areas,
    cells: plan.cells.map(({ channel, home, members, capSumWh }) => ({
      channel,
      home: at(home),
      members: members.map(at).sort((a, b) => a - b),
      capSumWh,
    })),
  });
  return {
    document,
    meterCount,
    streetCount: streets.length,
    areaCount: areas.length,
    cellCount: plan.cells.length,
    kinds: shapes,
    kindOf: Uint16Array.from(kindOf),
    provinces,
  };
}

const EXPORTER_SHARES: readonly number[] = [0, 0.1, 0.25, 0.6];

function drawShape(random: () => number): KindShape {
  const meters = random() < 1 / 16 ? 8 + Math.floor(random() * 8) : 25 + Math.floor(random() * 36);
  const share = EXPORTER_SHARES[Math.floor(random() * EXPORTER_SHARES.length)] as number;
  const exporters = Math.floor(meters * share);
  return [meters, exporters, random() < 0.5 ? exporters : Math.floor(exporters / 2)];
}

/** Fractions of 1 (mulberry32): what is drawn here is no secret. */
export function seededFractions(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
