// The charts' figures as a table, behind a disclosure: made only while it is open.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TimeBounds } from '../slider/step-time.ts';
import { timeFormat } from '../state/formats.ts';
import { printValue } from './chart-figure.tsx';
import type { PlotModel } from './plot.ts';

const HEADINGS = {
  net: 'Net load',
  consumption: 'Consumption',
  production: 'Production',
  coverage: 'Coverage',
} as const;

export function SeriesTable(props: {
  models: readonly PlotModel[];
  bounds: TimeBounds;
  onPick: (atSeconds: number) => void;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      class="series-table"
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>These figures as a table</summary>
      {isOpen && <Rows {...props} />}
    </details>
  );
}

function Rows(props: {
  models: readonly PlotModel[];
  bounds: TimeBounds;
  onPick: (atSeconds: number) => void;
}): JSX.Element {
  const { models } = props;
  const format = timeFormat.value;
  const { firstSeconds, newestSeconds } = props.bounds;
  const shown = models[0]?.shownSeconds;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="series-table-scroll" tabIndex={0} aria-label="Figures of the charts">
      <table>
        <caption class="visually-hidden">Mean power in each interval, and coverage</caption>
        <thead>
          <tr>
            <th scope="col">Interval starts</th>
            {models.map((model) => (
              <th key={model.metric} scope="col">
                {HEADINGS[model.metric]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {models[0]?.columns.starts.map(
            (at, i) =>
              at >= firstSeconds &&
              at <= newestSeconds && (
                <tr key={at} aria-current={at === shown ? 'time' : undefined}>
                  <th scope="row">
                    <button type="button" class="link-button" onClick={() => props.onPick(at)}>
                      {format.clock(at * 1000)}
                    </button>{' '}
                    <span>{format.day(at * 1000)}</span>
                  </th>
                  {models.map((model) => (
                    <td key={model.metric}>{printValue(model, model.columns.current[i])}</td>
                  ))}
                </tr>
              ),
          )}
        </tbody>
      </table>
    </section>
  );
}
