// Where a household's day and month began, in its own time zone: days of 23 and 25 hours included.

export interface LocalStarts {
  readonly dayMs: number;
  readonly monthMs: number;
}

/** Of the machine's zone where none is given. */
export function localStarts(nowMs: number, timeZone?: string): LocalStarts {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' },
  });
  const { year, month, day } = partsOf(format, nowMs);
  return {
    dayMs: utcOfLocal(format, Date.UTC(year, month - 1, day)),
    monthMs: utcOfLocal(format, Date.UTC(year, month - 1, 1)),
  };
}

/** The moment at which the zone's clocks show what `localMs` shows as UTC. */
function utcOfLocal(format: Intl.DateTimeFormat, localMs: number): number {
  // The offset at the guess may be the one of the other side of a change: the second look settles it.
  let utcMs = localMs;
  for (let look = 0; look < 2; look++) utcMs = localMs - offsetMs(format, utcMs);
  return utcMs;
}

function offsetMs(format: Intl.DateTimeFormat, utcMs: number): number {
  const { year, month, day, hour, minute, second } = partsOf(format, utcMs);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(utcMs / 1000) * 1000;
}

function partsOf(format: Intl.DateTimeFormat, ms: number) {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return {
    ...{ year: part('year'), month: part('month'), day: part('day') },
    ...{ hour: part('hour'), minute: part('minute'), second: part('second') },
  };
}
