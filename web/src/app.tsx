// The page: header, the map with its time below and its figures beside it, footer.

import type { JSX } from 'preact';
import { SeriesChart } from './charts/series-chart.tsx';
import { SearchBox } from './controls/search-box.tsx';
import { Switches } from './controls/switches.tsx';
import { Headline } from './headline/headline.tsx';
import { Announcer } from './layout/announcer.tsx';
import { Breadcrumb } from './layout/breadcrumb.tsx';
import { Footer } from './layout/footer.tsx';
import { Header } from './layout/header.tsx';
import { HelpDialog } from './layout/help-dialog.tsx';
import { ProblemPage } from './layout/problem-page.tsx';
import { Legend } from './legend/legend.tsx';
import { MapView } from './map/map-view.tsx';
import { ExportMenu } from './panels/export-menu.tsx';
import { HealthView } from './panels/health-view.tsx';
import { PrivacyView } from './panels/privacy-view.tsx';
import { TimeSlider } from './slider/time-slider.tsx';
import { area, map, problem } from './state/data.ts';
import { panel } from './state/view.ts';
import { RowsTable } from './table/rows-table.tsx';

export function App(): JSX.Element {
  return (
    <>
      <a class="skip" href="#main">
        To the map
      </a>
      <Header />
      <main id="main" tabindex={-1}>
        <Content />
      </main>
      <Footer />
      <Announcer />
      <HelpDialog />
    </>
  );
}

function Content(): JSX.Element {
  if (problem.value !== undefined) return <ProblemPage problem={problem.value} />;
  if (map.value === undefined || area.value === undefined) {
    return <p class="waiting">The map is on its way.</p>;
  }
  return (
    <>
      <div class="toolbar">
        <SearchBox />
        <Switches />
        <ExportMenu />
      </div>
      <div class="desk" data-panel={panel.value}>
        <div class="desk-map">
          <div class="map-frame">
            <Breadcrumb />
            <MapView />
          </div>
          <Legend />
          <div class="desk-time">
            <TimeSlider />
          </div>
          {panel.value === 'map' && (
            <div class="desk-chart">
              <SeriesChart />
            </div>
          )}
        </div>
        <div class="desk-side">
          {panel.value === 'map' && (
            <>
              <Headline />
              <RowsTable />
            </>
          )}
          {panel.value === 'privacy' && <PrivacyView />}
          {panel.value === 'health' && <HealthView />}
        </div>
      </div>
    </>
  );
}
