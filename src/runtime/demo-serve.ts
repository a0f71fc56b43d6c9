// The demo's map on a port: open to a browser on this machine, and to each city with a token of its
// own. Tokens are made anew in every run and stand nowhere but on the screen.

import type { AreaId } from '../core/area.ts';
import type { MapSource } from '../map/map-source.ts';
import type { Viewer } from '../map/viewer.ts';
import type { MapServer } from '../server/serve-map.ts';
import { createTokenTable, tokenDigest } from '../server/token-table.ts';
import { createToken, isLoopback, serveSource } from './map-serve.ts';

export interface DemoMapAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Takes the next free port where this one is in use. */
  readonly mayMove: boolean;
}

export interface ServedDemo {
  readonly server: MapServer;
  /** Whether a browser on this machine sees all without a token. */
  readonly isOpen: boolean;
  readonly tokens: readonly {
    readonly name: string;
    readonly area: AreaId;
    readonly token: string;
  }[];
}

/** The first viewer is the operator, who sees all. */
export async function serveDemo(
  source: MapSource,
  viewers: readonly Viewer[],
  address: DemoMapAddress,
  onError: (error: unknown) => void,
): Promise<ServedDemo> {
  const isOpen = isLoopback(address.host);
  const tokens = viewers.map((viewer) => ({
    name: viewer.grantName,
    area: viewer.area,
    token: createToken(),
    viewer,
  }));
  const server = await serveSource({
    ...address,
    source,
    tokens: createTokenTable(
      tokens.map(({ name, token, viewer }) => ({ name, digestHex: tokenDigest(token), viewer })),
    ),
    anonymous: isOpen ? viewers[0] : undefined,
    onError,
  });
  const told = tokens.slice(isOpen ? 1 : 0);
  return {
    server,
    isOpen,
    tokens: told.map(({ name, area, token }) => ({ name, area, token })),
  };
}
