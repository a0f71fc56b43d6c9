// Documents of IEEE 2030.5 of a device that does not exist, after the schema sep.xsd of the standard.

export interface SampleReading {
  readonly uom: number;
  readonly flow: number;
  readonly value: number;
  readonly accumulation?: number;
  readonly scaler?: number;
  readonly phase?: number;
  readonly start?: number;
}

export function mirrorMeterReading({
  uom,
  flow,
  value,
  accumulation = 9,
  scaler = 0,
  phase = 0,
  start = 1_705_314_600,
}: SampleReading): string {
  return `<MirrorMeterReading>
    <mRID>0B00006CC8</mRID>
    <MirrorReadingSet><mRID>0C</mRID><timePeriod><duration>0</duration><start>${start}</start></timePeriod>
      <Reading><qualityFlags>01</qualityFlags><timePeriod><duration>0</duration><start>${start}</start></timePeriod><value>${value}</value></Reading>
    </MirrorReadingSet>
    <ReadingType><accumulationBehaviour>${accumulation}</accumulationBehaviour><commodity>1</commodity>
      <flowDirection>${flow}</flowDirection><phase>${phase}</phase><powerOfTenMultiplier>${scaler}</powerOfTenMultiplier><uom>${uom}</uom></ReadingType>
  </MirrorMeterReading>`;
}

export function mirrorUsagePoint(
  readings: readonly SampleReading[],
  namespace: string = 'urn:ieee:std:2030.5:ns',
): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<MirrorUsagePoint xmlns="${namespace}">
  <mRID>0A00006CC8</mRID><roleFlags>49</roleFlags><serviceCategoryKind>0</serviceCategoryKind><status>1</status>
  <deviceLFDI>0123456789ABCDEF0123456789ABCDEF01234567</deviceLFDI>
  ${readings.map(mirrorMeterReading).join('\n  ')}
</MirrorUsagePoint>`;
}

export const READINGS: readonly SampleReading[] = [
  { uom: 72, flow: 1, value: 12_345, scaler: 1 },
  { uom: 72, flow: 19, value: 2500 },
  { uom: 38, flow: 1, value: 430, accumulation: 12 },
  { uom: 29, flow: 1, value: 2301, accumulation: 12, scaler: -1, phase: 128 },
];
