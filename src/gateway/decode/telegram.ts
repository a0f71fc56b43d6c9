// What every decoder of a meter's protocol gives, and what one is: pure functions from bytes.
//
// Bytes come from a wire that anybody may touch. A decoder never throws on them: what is wrong is a
// `Damage` with a reason and the place, for the caller to count and to show. Work and memory are
// bounded by the length of the input and the caps below. Keys are arguments; they appear in no
// result, no warning and no damage.
//
// How to write one (see `iec62056-21/` for the smallest):
// - `detect` is cheap: does anything in the first bytes look like this protocol at all?
// - `split` finds where telegrams begin and end in a stream, skips what is between them, and leaves
//   what may still grow. It checks no more than it needs to find the end. A message that comes in
//   several frames (segments, blocks) is one piece.
// - `decode` checks everything (lengths, checksums, tags) and reads one such piece.
// - Encrypted and no key given: a telegram with what the header says (the meter) and a warning.
//   A key that does not fit: damage, `bad-key`.

export const PROTOCOLS = [
  'sml',
  'dlms',
  'dsmr-p1',
  'iec62056-21',
  'linky-tic',
  'mbus',
  'wmbus',
  'c1219',
  'iec61850',
  'ieee2030-5',
  'knx',
  'osgp',
] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** The longest telegram of any protocol; a P1 telegram of a Belgian meter has some 2 KB. */
export const MAX_TELEGRAM_BYTES: number = 64 * 1024;
export const MAX_REGISTERS = 1024;
/** Lists in lists, in SML and DLMS. */
export const MAX_NESTING = 16;
export const MAX_TEXT_LENGTH = 4096;

/** One value as the meter has it, in the unit's base: Wh and not kWh, W, var, VA; else as sent. */
export interface Register {
  /** A text where it is none, or where it has more digits than a number holds. */
  readonly value: number | string;
  readonly unit?: string;
  /** The power of ten that the meter sent beside its integer; `value` has it applied. */
  readonly scaler?: number;
  /** When it was measured, where that is not the telegram's time: as in `Telegram`. */
  readonly time?: string;
  /** The meter's own word on it: a status word, `estimated`, ... */
  readonly quality?: string;
}

/** Watt-hours and watts are exact decimals, not always whole. */
export interface Totals {
  readonly importWh?: number;
  readonly exportWh?: number;
  readonly productionWh?: number;
  readonly importW?: number;
  readonly exportW?: number;
}

export interface Telegram extends Totals {
  readonly kind: 'telegram';
  readonly protocol: Protocol;
  /** The identity that the meter sends, or the sender's address. */
  readonly meter?: string;
  /** ISO 8601 to the second, with its offset (`Z`, `+02:00`) where the telegram tells it. */
  readonly time?: string;
  /** By OBIS code as `printObis` writes it (`1-0:1.8.0`), or by the protocol's own name. */
  readonly registers: ReadonlyMap<string, Register>;
  /** Sentences without a full stop, in the order of their discovery. */
  readonly warnings: readonly string[];
}

export const DAMAGE_REASONS = [
  /** No beginning of such a telegram anywhere. */
  'not-a-telegram',
  'cut-short',
  'bad-checksum',
  /** Lengths, types or fields that contradict the standard. */
  'bad-structure',
  /** Above one of the caps. */
  'too-large',
  /** The key, or the lack of one, does not fit what was sent. */
  'bad-key',
  /** A telegram by all means, of a kind that nobody has taught us yet. */
  'unsupported',
] as const;

export type DamageReason = (typeof DAMAGE_REASONS)[number];

export interface Damage {
  readonly kind: 'damage';
  readonly reason: DamageReason;
  /** What was expected and what was found, without a full stop; never a key. */
  readonly detail: string;
  /** Where, in bytes from the first one of what was decoded. */
  readonly offset: number;
}

export type Decoded = Telegram | Damage;

export interface DecodeOptions {
  /** AES-128, 16 bytes: the meter's encryption key (DLMS: GUEK; P1: the Smarty key). */
  readonly key?: Uint8Array;
  /** DLMS: the authentication key (GAK), 16 bytes; without it a tag is not checked. */
  readonly authKey?: Uint8Array;
  /**
   * A checksum that does not match: damage in each case (`require`: what the gateway asks for), or
   * damage where it is a CRC, and a warning where it is the one XOR byte of IEC 62056-21, which not
   * every mode sends (`crc`, the default), or a warning in each case (`ignore`: for telegrams that
   * somebody made anonymous). Authentication tags are always checked.
   */
  readonly checksums?: 'require' | 'crc' | 'ignore';
}

/** Half-open, in bytes. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

export interface Split {
  readonly pieces: readonly Piece[];
  /** Bytes from here on may become a telegram when more arrive; all before is done with. */
  readonly restStart: number;
}

export interface Decoder {
  readonly protocol: Protocol;
  /**
   * From 0, certainly not, to 1, certainly; `bytes` may begin anywhere in a stream. From 0.8 on it
   * is this protocol whatever becomes of decoding it, so that a damaged telegram is not read as
   * one of a protocol with weaker checks.
   */
  detect(bytes: Uint8Array): number;
  /**
   * Pieces in order, not overlapping, each at most MAX_TELEGRAM_BYTES. `isEnd`: nothing follows, so
   * what has begun is a piece too (which decodes to `cut-short`), and `restStart` is the length.
   * Linear in the length of `bytes`.
   */
  split(bytes: Uint8Array, isEnd: boolean): Split;
  decode(piece: Uint8Array, options: DecodeOptions): Decoded;
}

export function damage(reason: DamageReason, detail: string, offset: number = 0): Damage {
  return { kind: 'damage', reason, detail, offset };
}
