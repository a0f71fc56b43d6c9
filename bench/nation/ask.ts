// A monitor asks three trustees and opens the interval: requests and answers as they go over the bus,
// each answer sealed to the grant's key.

import { createAnswerSession, openAnswer, sealAnswer } from '../../src/core/answer-seal.ts';
import type { AreaId } from '../../src/core/area.ts';
import type { ChannelSet } from '../../src/core/channel.ts';
import { type Grant, signGrant } from '../../src/core/grant.ts';
import { OPEN_END_EPOCH } from '../../src/core/roster.ts';
import {
  createMonitor,
  createUnmaskRequest,
  handleAnswer,
  type MonitorState,
  type OpenedInterval,
  openInterval,
} from '../../src/roles/monitor.ts';
import { createRows, type Row } from '../../src/roles/monitor-rows.ts';
import type { TrusteeState } from '../../src/roles/trustee.ts';
import { handleUnmaskRequest } from '../../src/roles/trustee-unmask.ts';
import { seededBytes } from '../data/seeded-bytes.ts';
import { createVerifier, type NationContext } from './context.ts';
import type { Stopwatch } from './stopwatch.ts';
import { FIRST_EPOCH, NETWORK_ID } from './street-kinds.ts';

export function createNationMonitor(
  context: NationContext,
  area: AreaId,
  deepestDepth: number,
): MonitorState {
  const { network, parties } = context;
  const grant: Grant = {
    networkId: NETWORK_ID,
    monitor: parties.monitor.signer.publicKey,
    hpkePublicKey: parties.monitor.keyPair.publicKey,
    area,
    deepestDepth,
    channels: 7 as ChannelSet,
    fromEpoch: FIRST_EPOCH,
    untilEpoch: OPEN_END_EPOCH,
  };
  return createMonitor({
    network,
    grant,
    signedGrant: signGrant(grant, parties.registrar.signer),
    signer: parties.monitor.signer,
    verify: createVerifier(context),
  });
}

export async function askAndOpen(
  { parties, interval }: NationContext,
  monitor: MonitorState,
  trustees: readonly TrusteeState[],
  watch: Stopwatch,
): Promise<{ readonly opened: OpenedInterval; readonly rows: readonly Row[] }> {
  const name = `nation/${monitor.scope.area}/${monitor.scope.deepestDepth}`;
  const request = watch.time('monitor', () =>
    createUnmaskRequest(monitor, interval, seededBytes(name, 16)),
  );
  const keys = new Map<string, Uint8Array>();
  for (const [index, trustee] of trustees.entries()) {
    const part = `trustee ${index}`;
    const outcome = watch.time(part, () => handleUnmaskRequest(trustee, request));
    if (outcome.kind === 'rejected') throw new Error(`a request was refused: ${outcome.reason}`);
    // One for each monitor and day.
    const session = await createAnswerSession(
      parties.monitor.keyPair.publicKey,
      seededBytes(`${name}/${index}`, 64),
    );
    const sealed = watch.time(part, () => sealAnswer(session, outcome.answer, request));
    const opened = await watch.timeAsync('monitor', () =>
      openAnswer(sealed, request, parties.monitor.keyPair, keys),
    );
    watch.send('requests', request.length);
    watch.send('answers', sealed.length);
    const isTaken =
      opened !== undefined &&
      watch.time('monitor', () => handleAnswer(monitor, interval, index, opened));
    if (!isTaken) throw new Error('an answer was refused');
  }
  return watch.time('monitor', () => {
    const opened = openInterval(monitor, interval);
    return { opened, rows: createRows(monitor, opened) };
  });
}
