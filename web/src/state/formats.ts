// Figures and times in the reader's locale and the map's time zone, made once.

import { computed, type ReadonlySignal } from '@preact/signals';
import { createEnergyFormat, type EnergyFormat } from '../../../src/map/format-energy.ts';
import { createTimeFormat, type TimeFormat } from '../../../src/map/format-time.ts';
import { map } from './data.ts';

// The page's words are English; figures follow the reader's own locale where the browser tells it.
const locale = navigator.language;

export const energyFormat: EnergyFormat = createEnergyFormat(locale);

export const timeFormat: ReadonlySignal<TimeFormat> = computed(() =>
  createTimeFormat(map.value?.timeZone ?? 'UTC', locale),
);
