// What several documents are made of.

import { z } from '@hono/zod-openapi';
import type { RowStatus } from '../../map/frame.ts';
import type { Origin } from '../../map/map-area.ts';
import { ENERGY_METRICS, type EnergyMetric, METRICS, type Metric } from '../../map/metric.ts';
import { sameAs } from './same-as.ts';

export const timeSchema: z.ZodString = z
  .string()
  .openapi({ format: 'date-time', example: '2026-11-21T06:30:00Z' });

export const areaIdSchema: z.ZodString = z
  .string()
  .openapi({ description: 'An area id, with slashes.', example: 'eu/es/13' });

export const reasonSchema: z.ZodString = z.string().openapi({
  description:
    'Why a figure is absent: too-few, low-presence, no-seal, no-quorum, implausible, mismatch, unmetered-production, not-granted, late, missing or not-connected.',
  example: 'too-few',
});

export const energyMetricSchema: z.ZodType<EnergyMetric> = sameAs<EnergyMetric>()(
  z.enum(ENERGY_METRICS),
);

export const metricSchema: z.ZodType<Metric> = sameAs<Metric>()(
  z.enum(METRICS as readonly [Metric, ...Metric[]]),
);

export const originSchema: z.ZodType<Origin> = sameAs<Origin>()(
  z.enum(['network', 'simulated']).openapi('Origin', {
    description: 'Masked by meters of a network, or made up as sums by the demo.',
  }),
);

export const rowStatusSchema: z.ZodType<RowStatus> = sameAs<RowStatus>()(
  z.enum(['published', 'partial', 'withheld', 'late', 'not-connected']).openapi('RowStatus'),
);

type EnergyWh = Readonly<Record<EnergyMetric, number | null>>;

export const energyWhSchema: z.ZodType<EnergyWh> = sameAs<EnergyWh>()(
  z.strictObject(energyColumns(z.int().nullable())).openapi('EnergyWh', {
    description: 'Whole watt-hours of one interval; null where nothing is published, never zero.',
  }),
);

type EnergySeries = Readonly<Record<EnergyMetric, readonly (number | null)[]>>;

export const energySeriesSchema: z.ZodType<EnergySeries> = sameAs<EnergySeries>()(
  z.strictObject(energyColumns(z.array(z.int().nullable()))).openapi('EnergySeries', {
    description: 'Whole watt-hours of each interval; null where nothing is published.',
  }),
);

function energyColumns<S extends z.ZodType>(schema: S): Record<EnergyMetric, S> {
  return { net: schema, consumption: schema, production: schema, import: schema, export: schema };
}
