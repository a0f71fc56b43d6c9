// The privacy view: what each party holds of one street and interval, as the bytes that the running
// system has, beside the one number that comes out. Only a process that plays all parties can show
// it, the demo; a monitor of a real network has its own part and nothing else.

import type { AreaId } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';

export interface ChannelWord {
  readonly channel: string;
  /** 16 hex digits: a 64-bit word, big-endian. */
  readonly hex: string;
}

export interface StreetEvidence {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  /** The cell that the street is published in: itself, or with the siblings that it is merged with. */
  readonly cell: { readonly name: string; readonly members: readonly AreaId[] };
  /** Undefined where this process does not see the bus. */
  readonly bus:
    | {
        readonly subject: string;
        readonly frameCount: number;
        /** The first few, whole, in hex. */
        readonly frames: readonly string[];
      }
    | undefined;
  readonly aggregator: { readonly maskedTotals: readonly ChannelWord[] } | undefined;
  readonly trustees: readonly {
    readonly name: string;
    /** One for each component that the trustee holds: the sum of the masks of the cell's meters. */
    readonly maskSums: readonly {
      readonly component: number;
      readonly words: readonly ChannelWord[];
    }[];
  }[];
  readonly monitor: {
    readonly maskedTotals: readonly ChannelWord[];
    readonly maskSums: readonly ChannelWord[];
    /** By channel; null where it is not published. */
    readonly energyWh: readonly { readonly channel: string; readonly energyWh: number | null }[];
  };
  /** The demo only: one simulated household's own screen. */
  readonly household:
    | {
        readonly label: string;
        readonly readingWh: readonly { readonly channel: string; readonly energyWh: number }[];
        /** What left the house, in hex. */
        readonly frame: string;
      }
    | undefined;
  /** Why some of it is not there: the interval lies before the demo, the frames have expired. */
  readonly notes: readonly string[];
}
