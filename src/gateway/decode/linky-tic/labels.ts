// What the labels of Linky's telemetry mean (Enedis-NOI-CPT_54E, 6.1 and 6.2): their units, and
// which of them are the index of what was drawn or fed in. A label without a unit is a text.

export interface IndexLabels {
  readonly labels: RegExp;
  readonly totals: 'importWh' | 'exportWh';
}

/** Of these, the first kind that a frame has is the meter's index; several of a kind are tariffs. */
export const INDICES: readonly IndexLabels[] = [
  { labels: /^EAST$/u, totals: 'importWh' },
  { labels: /^(?:BASE|HCHC|HCHP|EJPHN|EJPHPM|BBRH[CP]J[BWR])$/u, totals: 'importWh' },
  { labels: /^EAIT$/u, totals: 'exportWh' },
];

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(?:EAST|EASF\d\d|EASD\d\d|EAIT)$/u, 'Wh'],
  [/^(?:BASE|HCHC|HCHP|EJPHN|EJPHPM|BBRH[CP]J[BWR])$/u, 'Wh'],
  [/^ERQ[1-4]$/u, 'varh'],
  [/^(?:IRMS[1-3]|IINST[1-3]?|ISOUSC|IMAX[1-3]?|ADPS|ADIR[1-3])$/u, 'A'],
  [/^(?:URMS[1-3]|UMOY[1-3])$/u, 'V'],
  [/^(?:PREF|PCOUP)$/u, 'kVA'],
  [/^(?:SINSTS[1-3]?|SINSTI|SMAXI?N(?:-1)?|SMAXSN[1-3]?(?:-1)?|PAPP)$/u, 'VA'],
  [/^(?:CCASN|CCAIN)(?:-1)?$/u, 'W'],
  [/^PMAX$/u, 'W'],
  [/^PEJP$/u, 'min'],
];

export function unitOf(label: string): string | undefined {
  return UNITS.find(([labels]) => labels.test(label))?.[1];
}
