// The names of what a gateway follows, one for each register of each meter: `<source>/<register>`,
// or `<source>/<meter>/<register>` where one source has several. Stored: they stay what they are.

import type { SourceConfig } from './source-config.ts';

export function trackName(source: string, feed: string | undefined, register: string): string {
  return feed === undefined ? `${source}/${register}` : `${source}/${feed}/${register}`;
}

/** No register has a slash in its name; what an MQTT wildcard stands for may. */
export function registerOfTrack(track: string): string {
  return track.slice(track.lastIndexOf('/') + 1);
}

export function tracksOf({
  sources,
}: {
  readonly sources: readonly SourceConfig[];
}): readonly string[] {
  return sources.flatMap((source) => {
    if (source.kind !== 'mqtt')
      return Object.keys(source.takes).map((register) =>
        trackName(source.name, undefined, register),
      );
    return source.topics.flatMap(({ takes, meters = [undefined] }) =>
      meters.flatMap((feed) =>
        Object.keys(takes).map((register) => trackName(source.name, feed, register)),
      ),
    );
  });
}
