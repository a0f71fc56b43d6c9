// What the map is coloured by, and how it is normalised.

import type { JSX } from 'preact';
import { METRICS } from '../../../src/map/metric.ts';
import { map } from '../state/data.ts';
import { showMetric, showScale } from '../state/navigate.ts';
import { metric, type Scale, scale } from '../state/view.ts';
import { METRIC_WORDS } from '../state/words.ts';
import { RadioGroup } from './radio-group.tsx';

const SCALES: readonly { id: Scale; label: string; hint: string }[] = [
  { id: 'meter', label: 'Per meter', hint: 'Mean power divided by the meters of the cell' },
  { id: 'km2', label: 'Per km²', hint: 'Mean power divided by the area of the cell' },
  { id: 'abs', label: 'Total', hint: 'Mean power of the whole cell' },
];

export function Switches(): JSX.Element {
  const known = map.value?.metrics ?? [];
  const choices = METRICS.filter((id) => id === 'coverage' || known.includes(id)).map((id) => ({
    id,
    ...METRIC_WORDS[id],
  }));
  return (
    <div class="switches">
      <RadioGroup
        name="metric"
        legend="Metric"
        choices={choices}
        chosen={metric.value}
        onChoose={showMetric}
      />
      <RadioGroup
        name="scale"
        legend="Scale"
        choices={SCALES}
        chosen={scale.value}
        onChoose={showScale}
      />
    </div>
  );
}
