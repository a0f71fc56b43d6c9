// Which of a party's areas one of its processes hosts. A party's aggregators may run as several
// processes, by area: one names the areas that it hosts, with all below them, another those that it
// leaves to the first. An area has one seal, the first on the stream, so two processes that both host
// it do no harm but double work; an area that none hosts has no seal.

import { type AreaId, parentArea } from '../core/area.ts';
import { equalBytes } from '../core/bytes.ts';
import type { Network } from '../core/network-tree.ts';

export interface AreaSplit {
  /** Hosts these and what lies below; all by default. */
  readonly areas?: readonly string[] | undefined;
  /** But not these, nor what lies below them. */
  readonly exceptAreas?: readonly string[] | undefined;
}

/**
 * The areas that are no streets, of those which the document gives to this key. Throws RangeError
 * where a name in the split covers none of them: a slip there would leave areas without a seal.
 */
export function hostedAreas(
  network: Network,
  publicKey: Uint8Array,
  { areas, exceptAreas }: AreaSplit,
): readonly AreaId[] {
  const own = network.areas.inner
    .filter(
      ({ aggregator }) =>
        network.document.aggregators[aggregator]?.publicKeys.some((key) =>
          equalBytes(key, publicKey),
        ) === true,
    )
    .map(({ id }) => id);
  const known = new Set<string>();
  for (const area of own) for (const name of withAncestors(area)) known.add(name);
  for (const name of [...(areas ?? []), ...(exceptAreas ?? [])])
    if (!known.has(name))
      throw new RangeError(`areas: expected one that this party hosts, found ${name}`);
  const wanted = areas && new Set(areas);
  const unwanted = new Set(exceptAreas);
  return own.filter((area) => {
    const names = withAncestors(area);
    return (
      (wanted === undefined || names.some((name) => wanted.has(name))) &&
      !names.some((name) => unwanted.has(name))
    );
  });
}

function withAncestors(area: AreaId): string[] {
  const names: string[] = [];
  for (let at: AreaId | undefined = area; at !== undefined; at = parentArea(at)) names.push(at);
  return names;
}
