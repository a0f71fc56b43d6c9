// The page: header, map with its table beside it, the panels, footer.

import type { JSX } from 'preact';
import { SeriesChart } from './charts/series-chart.tsx';
import { Headline } from './headline/headline.tsx';
import { ExportMenu } from './panels/export-menu.tsx';
import { HealthView } from './panels/health-view.tsx';
import { PrivacyView } from './panels/privacy-view.tsx';
import { TimeSlider } from './slider/time-slider.tsx';
import { area, map } from './state/data.ts';
import { panel } from './state/view.ts';

export function App(): JSX.Element {
  if (map.value === undefined || area.value === undefined) return <p>Loading</p>;
  return (
    <main>
      <Headline />
      <ExportMenu />
      <TimeSlider />
      {panel.value === 'map' && <SeriesChart />}
      {panel.value === 'privacy' && <PrivacyView />}
      {panel.value === 'health' && <HealthView />}
    </main>
  );
}
