// Writes protocol-v1.json: one interval of one street of seven meters, with every message on its way,
// from fixed seeds to exact bytes, and messages that must be refused, each with the reason. Run it
// with `node test/vectors/make-protocol-vectors.ts`; a test makes the same again and compares.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { areaId } from '../../src/core/area.ts';
import { createAttestation } from '../../src/core/attestation.ts';
import { concatBytes, toHex, utf8, writeU32 } from '../../src/core/bytes.ts';
import {
  type ChannelSet,
  channelIndices,
  channelSet,
  channelSetOf,
} from '../../src/core/channel.ts';
import { sha256 } from '../../src/core/digest.ts';
import { encodeFrame, frameContext } from '../../src/core/frame.ts';
import { frameDigest } from '../../src/core/frames-root.ts';
import { encodeGrant, type Grant, signGrant } from '../../src/core/grant.ts';
import { createHpkeKeyPair } from '../../src/core/hpke.ts';
import {
  epoch,
  epochAt,
  intervalAt,
  intervalEndSeconds,
  intervalIndex,
  intervalStartSeconds,
} from '../../src/core/interval.ts';
import { encodeLedgerEntry, ledgerEntryDigest, NO_LEDGER_ENTRY } from '../../src/core/ledger.ts';
import { addMask, maskWords } from '../../src/core/mask.ts';
import { encodeNetworkDocument, type NetworkDocument } from '../../src/core/network.ts';
import { encodeBundle, signNetwork, verifyBundle } from '../../src/core/network-bundle.ts';
import { encodeAlert } from '../../src/core/notice.ts';
import { nextEpochKey, ratchetKey } from '../../src/core/ratchet.ts';
import { encodeReceipt } from '../../src/core/receipt.ts';
import { encodeRoster, OPEN_END_EPOCH, rosterDigest, slot } from '../../src/core/roster.ts';
import { decodeSeal, encodeSeal, encodeSealHeader } from '../../src/core/seal.ts';
import { setDigests } from '../../src/core/set-digest.ts';
import { createSigner, signMessage, splitSigned, verifyEd25519 } from '../../src/core/signed.ts';
import { decodeTotal } from '../../src/core/total.ts';
import { decodeUnmaskAnswer } from '../../src/core/unmask.ts';
import { bytesOfWords } from '../../src/core/words.ts';
import { createAggregator } from '../../src/roles/aggregator.ts';
import { createSeal } from '../../src/roles/aggregator-seal.ts';
import {
  createMonitor,
  createUnmaskRequest,
  handleAnswer,
  handleTotal,
  openInterval,
} from '../../src/roles/monitor.ts';
import { createTrustee } from '../../src/roles/trustee.ts';
import { handleSeal } from '../../src/roles/trustee-seal.ts';
import { handleUnmaskRequest } from '../../src/roles/trustee-unmask.ts';
import { testBytes } from '../support/enrolment.ts';
import { handleReading } from '../support/handle-reading.ts';
import { createBatchVectors } from './batch-vectors.ts';

const DAY = epoch(20_000);
const INTERVAL = intervalIndex(20_000 * 96 + 48);
const STREET = areaId('es/m/s');
const TOWN = areaId('es/m');
const CAP_WH = 5750;
/** By slot, then channel; null where the meter does not have the channel. */
const READINGS_WH: readonly (readonly (number | null)[])[] = [
  [1, 0, 0],
  [-2, 2, 3],
  [4, 0, 1],
  [-5750, 5750, 5750],
  [5750, 0, 0],
  [16, null, null],
  [32, null, 64],
];

export async function createProtocolVectors(): Promise<object> {
  const party = (name: string) => {
    const seed = testBytes(`vector ${name}`, 32);
    return { seed, signer: createSigner(seed) };
  };
  const sealedTo = async (name: string) => ({
    ...party(name),
    keyPair: await createHpkeKeyPair(testBytes(`vector ${name} hpke`, 32)),
  });
  const registrar = party('registrar');
  const auditor = party('auditor');
  const trustees = [
    await sealedTo('trustee 0'),
    await sealedTo('trustee 1'),
    await sealedTo('trustee 2'),
  ];
  const aggregator = await sealedTo('aggregator');
  const monitor = await sealedTo('monitor');

  const meters = READINGS_WH.map((readingsWh, index) => ({
    slot: slot(index),
    identity: createSigner(testBytes(`vector meter ${index}`, 32)).publicKey,
    channels: channelSetOf(
      readingsWh.flatMap((value, channel) => (value === null ? [] : [channel])),
    ),
    componentKeys: [0, 1, 2].map((c) => testBytes(`vector component ${index} ${c}`, 32)),
    authenticationKey: testBytes(`vector authentication ${index}`, 32),
    readingsWh,
  }));

  const roster = encodeRoster({
    networkId: 'vector-net',
    area: STREET,
    version: 1,
    entries: meters.map((meter) => ({
      meter: meter.identity,
      channels: meter.channels,
      capWh: CAP_WH,
      connectionPoint: meter.slot,
      fromEpoch: DAY,
      untilEpoch: OPEN_END_EPOCH,
      enrolmentDigest: testBytes(`vector enrolment ${meter.slot}`, 32),
    })),
  });
  const attestations = trustees.map(({ signer }, trustee) =>
    createAttestation(
      {
        networkId: 'vector-net',
        trustee,
        rosters: [
          { area: STREET, rosterDigest: rosterDigest(roster), accepted: Uint8Array.of(0b1111111) },
        ],
      },
      signer,
    ),
  );
  const cell = (channel: number, count: number) => ({
    channel,
    home: 1,
    members: [2],
    capSumWh: count * CAP_WH,
  });
  const fields: NetworkDocument = {
    networkId: 'vector-net',
    version: 1,
    fromEpoch: DAY,
    previous: null,
    intervalSeconds: 900,
    channels: [
      { name: 'net', isSigned: true },
      { name: 'export', isSigned: false },
      { name: 'production', isSigned: false },
    ],
    quorum: 2,
    minMeters: 5,
    marginMeters: 0,
    minPresencePermille: 800,
    maxCapSharePermille: 250,
    closeAfterSeconds: 60,
    levelSeconds: 10,
    registrar: registrar.signer.publicKey,
    trustees: trustees.map(({ signer, keyPair }) => ({
      publicKey: signer.publicKey,
      hpkePublicKey: keyPair.publicKey,
    })),
    auditors: [auditor.signer.publicKey],
    provisioners: [],
    aggregators: [
      { publicKeys: [aggregator.signer.publicKey], hpkePublicKey: aggregator.keyPair.publicKey },
    ],
    attestationDigests: attestations.map((bytes) => sha256(bytes)),
    areas: [
      { token: 'es', parent: null, aggregator: 0, street: null },
      { token: 'm', parent: 0, aggregator: 0, street: null },
      {
        token: 's',
        parent: 1,
        aggregator: 0,
        street: {
          rosterDigest: rosterDigest(roster),
          meterCount: 7,
          declaredCounts: [7, 5, 6],
          unmeteredProducerCount: 0,
        },
      },
    ],
    cells: [cell(0, 7), cell(1, 5), cell(2, 6)],
  };
  const document = encodeNetworkDocument(fields);
  const bundle = {
    document,
    registrarSignature: signNetwork(document, registrar.signer),
    trusteeSignatures: trustees.map(({ signer }, trustee) => ({
      trustee,
      signature: signNetwork(document, signer),
    })),
    rosters: [signMessage('roster', roster, registrar.signer)],
    attestations,
  };
  const network = verifyBundle(
    bundle,
    {
      kind: 'first',
      registrar: registrar.signer.publicKey,
      trustees: trustees.map(({ signer }) => signer.publicKey),
    },
    verifyEd25519,
  );
  if (typeof network === 'string') throw new Error(`the vector network is refused: ${network}`);

  const context = frameContext(network.meterPolicy, STREET);
  const frames = meters.map((meter) => {
    const masks = new BigUint64Array(8);
    for (const key of meter.componentKeys) addMask(masks, key, INTERVAL);
    const words = BigUint64Array.from(
      channelIndices(meter.channels),
      (channel) => BigInt(meter.readingsWh[channel] as number) + (masks[channel] as bigint),
    );
    const body = { channels: meter.channels, slot: meter.slot, interval: INTERVAL, words };
    const frame = encodeFrame(body, meter.authenticationKey, context);
    return { meter, masks, words, frame };
  });

  const authenticationKeys = concatBytes(...meters.map((meter) => meter.authenticationKey));
  const createStreetAggregator = () =>
    createAggregator({
      network,
      signer: aggregator.signer,
      verify: verifyEd25519,
      keyPair: aggregator.keyPair,
      epoch: DAY,
      keysOf: () => authenticationKeys.slice(),
    });
  const endSeconds = intervalEndSeconds(INTERVAL, 900);
  // Slot 4 is missing: six are left for net and five for production, and four too few for export.
  const sent = frames.filter(({ meter }) => meter.slot !== 4);
  const state = createStreetAggregator();
  for (const { frame } of sent) handleReading(state, STREET, frame, endSeconds + 5);
  const sealed = createSeal(state, 1, INTERVAL);
  const seal = decodeSeal(sealed.seal)!;
  const total = decodeTotal(sealed.total)!;
  const contributors = seal.streets[0]!.contributors;

  const grant: Grant = {
    networkId: 'vector-net',
    monitor: monitor.signer.publicKey,
    hpkePublicKey: monitor.keyPair.publicKey,
    area: areaId('es'),
    deepestDepth: 3,
    channels: channelSet(7),
    fromEpoch: DAY,
    untilEpoch: epoch(DAY + 365),
  };
  const signedGrant = signGrant(grant, registrar.signer);
  const monitorState = createMonitor({
    network,
    grant,
    signedGrant,
    signer: monitor.signer,
    verify: verifyEd25519,
  });
  handleTotal(monitorState, sealed.total);
  const request = createUnmaskRequest(monitorState, INTERVAL, testBytes('vector nonce', 16));
  const holders = [
    [0, 1],
    [0, 2],
    [1, 2],
  ];
  const answers = trustees.map(({ signer }, index) => {
    const held = [0, 1, 2].filter((component) => holders[component]!.includes(index));
    const trusteeState = createTrustee({
      network,
      index,
      signer,
      verify: verifyEd25519,
      epoch: DAY,
      keysOf: () =>
        concatBytes(...meters.flatMap((m) => held.map((component) => m.componentKeys[component]!))),
    });
    const outcome = handleSeal(trusteeState, sealed.seal, endSeconds + 60);
    if (outcome.kind === 'rejected') throw new Error(outcome.reason);
    const answered = handleUnmaskRequest(trusteeState, request);
    if (answered.kind === 'rejected') throw new Error(answered.reason);
    handleAnswer(monitorState, INTERVAL, index, answered.answer);
    return { held, answer: answered.answer };
  });
  const opened = openInterval(monitorState, INTERVAL);

  const ledger = encodeLedgerEntry({
    networkId: 'vector-net',
    trustee: 1,
    sequence: 1,
    previous: NO_LEDGER_ENTRY,
    bindings: [{ area: TOWN, interval: INTERVAL, sealDigest: seal.digest }],
  });
  const receipt = encodeReceipt({ area: STREET, interval: INTERVAL, accepted: contributors });
  const alert = encodeAlert({
    area: TOWN,
    interval: INTERVAL,
    sealDigest: seal.digest,
    finding: 'wrong-total',
    cells: [[0, 0]],
    detail: '1 cells',
  });

  const key = testBytes('vector key', 32);
  const ratchetTen = key.slice();
  ratchetKey(ratchetTen, 10);
  return {
    version: 1,
    notes:
      'All bytes are lower-case hex; words are u64 little-endian. Keys are those of epoch 20000.',
    time: [0, 899, 900, 86_399, 86_400, 1_728_043_200, 1_728_043_199].flatMap((unixSeconds) =>
      [900, 1800, 3600].map((intervalSeconds) => {
        const index = intervalAt(unixSeconds, intervalSeconds);
        return {
          unixSeconds,
          intervalSeconds,
          intervalIndex: index,
          startSeconds: intervalStartSeconds(index, intervalSeconds),
          endSeconds: intervalEndSeconds(index, intervalSeconds),
          epoch: epochAt(unixSeconds),
        };
      }),
    ),
    ratchet: { key: toHex(key), next: toHex(nextEpochKey(key)), afterTen: toHex(ratchetTen) },
    mask: [0, 1, INTERVAL, 0x80000000, 0xfffffffe].map((interval) => ({
      key: toHex(key),
      interval,
      words: toHex(bytesOfWords(maskWords(key, intervalIndex(interval)))),
    })),
    parties: {
      registrar: partyVector(registrar),
      auditor: partyVector(auditor),
      aggregator: { ...partyVector(aggregator), hpkeSeed: toHex(aggregator.keyPair.seed) },
      monitor: { ...partyVector(monitor), hpkeSeed: toHex(monitor.keyPair.seed) },
      trustees: trustees.map((trustee) => ({
        ...partyVector(trustee),
        hpkeSeed: toHex(trustee.keyPair.seed),
      })),
    },
    network: {
      document: toHex(document),
      digest: toHex(network.digest),
      meterPolicyDigest: toHex(network.meterPolicy),
      registrarSignature: toHex(bundle.registrarSignature),
      trusteeSignatures: bundle.trusteeSignatures.map(({ signature }) => toHex(signature)),
      attestations: attestations.map(toHex),
      bundleDigest: toHex(sha256(encodeBundle(bundle))),
    },
    roster: {
      area: STREET,
      body: toHex(roster),
      digest: toHex(rosterDigest(roster)),
      signed: toHex(bundle.rosters[0]!),
    },
    frames: {
      interval: INTERVAL,
      street: STREET,
      context: toHex(context),
      meters: frames.map(({ meter, masks, words, frame }) => ({
        slot: meter.slot,
        channels: meter.channels,
        identity: toHex(meter.identity),
        componentKeys: meter.componentKeys.map(toHex),
        authenticationKey: toHex(meter.authenticationKey),
        readingsWh: meter.readingsWh,
        maskSum: toHex(bytesOfWords(masks)),
        maskedWords: toHex(bytesOfWords(words)),
        frame: toHex(frame),
        isSent: meter.slot !== 4,
      })),
    },
    seal: {
      area: TOWN,
      interval: INTERVAL,
      contributors: toHex(contributors),
      frameDigests: sent.map(({ frame }) => toHex(frameDigest(frame))),
      framesRoot: toHex(seal.streets[0]!.framesRoot),
      setDigest: toHex(
        setDigests({ network: network.digest, interval: INTERVAL }, [
          { area: STREET, rosterDigest: rosterDigest(roster), contributors },
        ]),
      ),
      childrenRoot: toHex(seal.header.childrenRoot),
      decisions: seal.header.decisions.map(toHex),
      headerBody: toHex(encodeSealHeader(seal.header)),
      signedHeader: toHex(seal.signedHeader),
      seal: toHex(sealed.seal),
      digest: toHex(seal.digest),
    },
    total: {
      saltKey: toHex(sha256(utf8('streetwatt/salt-key/1'), aggregator.keyPair.seed)),
      salt: toHex(total.salt),
      areaWords: toHex(bytesOfWords(total.totals.area)),
      cellWords: total.totals.cells.map((words) => toHex(bytesOfWords(words))),
      digest: toHex(seal.header.totalDigest),
      total: toHex(sealed.total),
    },
    ledger: {
      trustee: 1,
      body: toHex(ledger),
      digest: toHex(ledgerEntryDigest(ledger)),
      signed: toHex(signMessage('ledger', ledger, trustees[1]!.signer)),
    },
    receipt: {
      body: toHex(receipt),
      signed: toHex(signMessage('receipt', receipt, aggregator.signer)),
    },
    batch: createBatchVectors(INTERVAL, aggregator.signer, auditor.signer),
    alert: { body: toHex(alert), signed: toHex(signMessage('alert', alert, auditor.signer)) },
    grant: { body: toHex(encodeGrant(grant)), signed: toHex(signedGrant) },
    unmask: {
      nonce: toHex(testBytes('vector nonce', 16)),
      targets: monitorState.plan.targets.map(({ kind, index, channel }) => ({
        kind,
        index,
        channel,
      })),
      request: toHex(request),
      answers: answers.map(({ held, answer }, trustee) => ({
        trustee,
        components: held,
        signed: toHex(answer),
        results: decodeUnmaskAnswer(splitSigned('unmask-answer', answer)!.body)!.results.map(
          (result) => ({
            status: result.status,
            setDigest: toHex(result.setDigest),
            sealDigest: toHex(result.sealDigest),
            coverage: result.coverage,
            sums: toHex(bytesOfWords(result.sums)),
          }),
        ),
      })),
      opened: opened.figures.map((figure) =>
        figure.kind === 'released' ? figure.energyWh : figure.reason,
      ),
    },
    bad: {
      frames: badFrames(
        frames[0]!.frame,
        meters[0]!.authenticationKey,
        context,
        meters[0]!.channels,
      ),
      seals: badSeals(sealed.seal, aggregator.signer, auditor.signer),
    },
  };
}

function partyVector({ seed, signer }: { seed: Uint8Array; signer: { publicKey: Uint8Array } }) {
  return { seed: toHex(seed), publicKey: toHex(signer.publicKey) };
}

/** Messages on the street's reading subject, stored five seconds after the interval's end. */
function badFrames(
  good: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
  channels: ChannelSet,
): object[] {
  const edit = (change: (frame: Uint8Array) => void) => {
    const frame = good.slice();
    change(frame);
    return frame;
  };
  const words = new BigUint64Array(3);
  const body = { channels, slot: slot(0), interval: INTERVAL, words };
  const other = frameContext(sha256(utf8('another policy')), STREET);
  const list: [string, Uint8Array, string][] = [
    ['version 2', edit((f) => f.fill(2, 0, 1)), 'bad-version'],
    ['no channels', edit((f) => f.fill(0, 1, 2)), 'bad-length'],
    ['a byte short', good.subarray(0, -1), 'bad-length'],
    ['nothing', new Uint8Array(0), 'bad-length'],
    ['slot 7 of 7', edit((f) => writeU32(f, 2, 7)), 'unknown-slot'],
    ['the slot of another meter', edit((f) => writeU32(f, 2, 1)), 'bad-tag'],
    ['the next interval', edit((f) => writeU32(f, 6, INTERVAL + 1)), 'future-interval'],
    ['the interval before', edit((f) => writeU32(f, 6, INTERVAL - 1)), 'closed-interval'],
    ['a word changed', edit((f) => f.fill(0, 10, 11)), 'bad-tag'],
    ['a tag changed', edit((f) => f.fill(0, 49, 50)), 'bad-tag'],
    ['a tag under the zero key', encodeFrame(body, new Uint8Array(32), context), 'bad-tag'],
    ['a tag for another policy', encodeFrame(body, key, other), 'bad-tag'],
    ['a tag for another street', encodeFrame(body, key, otherStreet(context)), 'bad-tag'],
    [
      'channels that the meter does not declare',
      encodeFrame({ ...body, channels: channelSet(1), words: new BigUint64Array(1) }, key, context),
      'bad-channels',
    ],
  ];
  return list.map(([name, message, rejected]) => ({ name, message: toHex(message), rejected }));
}

function otherStreet(context: Uint8Array): Uint8Array {
  return sha256(context).subarray(0, 16);
}

/** Seals given to a trustee that has seen none, stored when the street has closed. */
function badSeals(
  good: Uint8Array,
  signer: ReturnType<typeof createSigner>,
  stranger: ReturnType<typeof createSigner>,
): object[] {
  const seal = decodeSeal(good)!;
  const header = (change: object, by = signer) =>
    encodeSeal({
      ...seal,
      signedHeader: signMessage('seal', encodeSealHeader({ ...seal.header, ...change }), by),
    });
  const street = seal.streets[0]!;
  const contributors = (bytes: number[]) =>
    encodeSeal({ ...seal, streets: [{ ...street, contributors: Uint8Array.from(bytes) }] });
  const list: [string, Uint8Array, string][] = [
    ['version 2', Uint8Array.of(2, ...good.subarray(1)), 'malformed-seal'],
    ['a byte more', concatBytes(good, Uint8Array.of(0)), 'malformed-seal'],
    ['a byte short', good.subarray(0, -1), 'malformed-seal'],
    ['of an unknown area', header({ area: 'es/x' }), 'unknown-area'],
    ['of another network', header({ network: new Uint8Array(32) }), 'wrong-network'],
    ['signed by the auditor', header({}, stranger), 'bad-seal-signature'],
    ['of an interval that is not over', header({ interval: INTERVAL + 1 }), 'early-seal'],
    ['with another root', header({ childrenRoot: new Uint8Array(32) }), 'bad-root'],
    [
      'with another frames root',
      encodeSeal({ ...seal, streets: [{ ...street, framesRoot: new Uint8Array(32) }] }),
      'bad-root',
    ],
    [
      'that withholds what it may not',
      header({ decisions: [1, 0, 0].map((d) => Uint8Array.of(d)) }),
      'wrong-decision',
    ],
    ['with other contributors', contributors([0b1110111]), 'bad-root'],
    ['with a slot that no roster has', contributors([0b11101111]), 'unknown-slot'],
    ['with a bitmap too long', contributors([0b1101111, 0]), 'unknown-slot'],
    ['without its street', encodeSeal({ ...seal, streets: [] }), 'malformed-seal'],
    [
      'that names the frame of a slot which did not contribute',
      encodeSeal({
        ...seal,
        streets: [{ ...street, contested: [{ slot: 4, frameDigest: new Uint8Array(32) }] }],
      }),
      'malformed-seal',
    ],
  ];
  return list.map(([name, bytes, rejected]) => ({ name, seal: toHex(bytes), rejected }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = JSON.stringify(await createProtocolVectors(), undefined, 1);
  writeFileSync(new URL('protocol-v1.json', import.meta.url), `${text}\n`);
}
