// A day or a week: of the slider and of the charts at once.

import type { JSX } from 'preact';
import { rangePreset } from './shown-range.ts';
import type { RangePreset } from './time-range.ts';

export function RangePresets(): JSX.Element {
  const presets: readonly RangePreset[] = ['day', 'week'];
  return (
    <fieldset class="range-presets">
      <legend class="visually-hidden">Stretch of time</legend>
      {presets.map((preset) => (
        <button
          key={preset}
          type="button"
          class="button"
          aria-pressed={rangePreset.value === preset}
          onClick={() => {
            rangePreset.value = preset;
          }}
        >
          {preset === 'day' ? 'Day' : 'Week'}
        </button>
      ))}
    </fieldset>
  );
}
