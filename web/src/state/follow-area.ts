// The events of the level that is drawn: what is new is kept, and shown where it is what the reader
// looks at.

import type { FrameDocument } from '../../../src/server/wire.ts';
import { getFrame, getMap } from '../api/documents.ts';
import { EventFeed } from '../api/event-feed.ts';
import { asProblem } from '../api/problem.ts';
import { setClock } from './clock.ts';
import * as data from './data.ts';
import { keepFrame, loadFrames, noteLatest, showFrame } from './load-frames.ts';
import { shownStart } from './view.ts';

export function followArea(stage: string): EventFeed {
  const stop = new AbortController();
  const take = (frame: FrameDocument) => {
    keepFrame(frame);
    noteLatest(frame);
    const pinned = shownStart.peek();
    const isShown =
      pinned === undefined ? isNewest(frame) : Date.parse(frame.start) / 1000 === pinned;
    if (!isShown) return;
    const focus = data.area.peek()?.id;
    if (frame.area === stage) showFrame(frame, focus ?? '', stage);
    if (focus !== undefined && focus !== stage) {
      void loadFrames(focus, stage, pinned, stop.signal);
    }
  };
  const feed = new EventFeed(stage, {
    onFrame: take,
    onClock: setClock,
    onConnection: (connection) => {
      data.connection.value = connection;
    },
    poll: async () => {
      try {
        const [map, frame] = await Promise.all([
          getMap({ signal: stop.signal, retryCount: 0 }),
          getFrame(stage, undefined, { signal: stop.signal, retryCount: 0 }),
        ]);
        setClock(map.clock);
        take(frame);
        return true;
      } catch (error) {
        // A refusal is an answer, though none to go on with: the token has expired.
        const found = asProblem(error);
        if (!found.isTransient && !stop.signal.aborted) data.problem.value = found;
        return !found.isTransient;
      }
    },
  });
  const dispose = feed[Symbol.dispose].bind(feed);
  feed[Symbol.dispose] = () => {
    stop.abort();
    dispose();
  };
  return feed;
}

function isNewest(frame: FrameDocument): boolean {
  return Date.parse(frame.start) / 1000 >= (data.latestStart.peek() ?? 0);
}
