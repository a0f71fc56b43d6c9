// The cap of a meter for which meters.csv gives no `max_wh`.

/** Three phases of 250 A at 230 V: the largest connection that is metered without transformers. */
const DEFAULT_CAP_W: number = 3 * 250 * 230;

/**
 * The most watt-hours that such a connection lets through in one interval: 43,125 in 15 minutes. A
 * cap only bounds a reading, so a generous one hides nothing; one that is too small for its meter
 * would keep true readings out. All meters the same, so that none dominates its cell by it.
 */
export function defaultCapWh(intervalSeconds: number): number {
  return Math.round((DEFAULT_CAP_W * intervalSeconds) / 3600);
}
