// Ends the connection of a reader that takes nothing. An error in its stream would be printed by the
// HTTP server: a connection that ends is none.

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** In process there is no connection. */
export function disconnecter(c: Context): (() => void) | undefined {
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  return outgoing === undefined ? undefined : () => void outgoing.destroy();
}
