// What is seen, as files, as a picture and as a request with the reader's own token.

import './export-menu.css';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { paths } from '../api/paths.ts';
import { shownRange, timeBounds } from '../slider/shown-range.ts';
import { knownPart, type TimeRange } from '../slider/time-range.ts';
import { area, frameStart, map } from '../state/data.ts';
import { timeFormat } from '../state/formats.ts';
import { curlLine, exportLinks } from './export-links.ts';
import { savePicture } from './save-picture.ts';

type Extent = 'interval' | 'range';

export function ExportMenu(): JSX.Element | null {
  const details = useRef<HTMLDetailsElement>(null);
  const [extent, setExtent] = useState<Extent>('interval');
  useEffect(() => {
    const closeOutside = (event: PointerEvent): void => {
      const menu = details.current;
      if (menu?.open === true && !menu.contains(event.target as Node)) menu.open = false;
    };
    const followWidth = (): void => {
      if (details.current !== null) keepInside(details.current);
    };
    document.addEventListener('pointerdown', closeOutside);
    window.addEventListener('resize', followWidth);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      window.removeEventListener('resize', followWidth);
    };
  }, []);
  const focus = area.value;
  const about = map.value;
  const start = frameStart.value;
  const range = shownRange.value;
  const bounds = timeBounds.value;
  if (focus === undefined || about === undefined || start === undefined) return null;
  if (range === undefined || bounds === undefined) return null;
  const interval = { fromSeconds: start, untilSeconds: start + about.intervalSeconds };
  const chosen = extent === 'interval' ? interval : knownPart(range, bounds);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || details.current?.open !== true) return;
    event.stopPropagation();
    details.current.open = false;
    details.current.querySelector('summary')?.focus();
  };
  // Before the browser does it: its toggle event comes after a picture with the menu out of place.
  const openInPlace = (event: MouseEvent): void => {
    const menu = details.current;
    if (menu === null) return;
    event.preventDefault();
    menu.open = !menu.open;
    keepInside(menu);
  };
  return (
    <details
      class="export-menu"
      ref={details}
      onKeyDown={onKeyDown}
      onToggle={(event) => keepInside(event.currentTarget)}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button by itself */}
      <summary class="button" onClick={openInPlace}>
        Export
      </summary>
      <section class="export-body" aria-label="Export what is shown">
        <h2>Export {focus.name}</h2>
        <Extents extent={extent} onChange={setExtent} interval={interval} range={range} />
        <ul class="export-files">
          {exportLinks(focus.id, chosen).map((link) => (
            <li key={link.format}>
              <a class="button" href={link.href} download={link.fileName}>
                {link.label}
              </a>
            </li>
          ))}
          <li>
            <PictureButton />
          </li>
        </ul>
        <p class="export-words">
          Whole watt-hours of each interval, with states, coverage, licence ({about.dataLicence})
          and attribution inside the file. The picture shows the map as it is now.
        </p>
        <Requests path={paths.export(focus.id, 'csv', chosen.fromSeconds, chosen.untilSeconds)} />
      </section>
    </details>
  );
}

const EDGE_PX = 8;

/** It opens towards the middle of the page, wherever the toolbar has wrapped to, and within it. */
function keepInside(menu: HTMLDetailsElement): void {
  const body = menu.querySelector<HTMLElement>('.export-body');
  if (body === null || !menu.open) return;
  const { left, right } = menu.getBoundingClientRect();
  const { width } = body.getBoundingClientRect();
  const pageWidth = document.documentElement.clientWidth;
  const wanted = left + right < pageWidth ? left : right - width;
  const inside = Math.max(EDGE_PX, Math.min(wanted, pageWidth - EDGE_PX - width));
  body.style.left = `${inside - left}px`;
}

function Extents(props: {
  extent: Extent;
  onChange: (extent: Extent) => void;
  interval: TimeRange;
  range: TimeRange;
}): JSX.Element {
  const format = timeFormat.value;
  const ms = (seconds: number): number => seconds * 1000;
  const { interval, range } = props;
  const lastDay = format.day(ms(range.untilSeconds) - 1);
  const firstDay = format.day(ms(range.fromSeconds));
  const choices: readonly (readonly [Extent, string])[] = [
    [
      'interval',
      `the interval on the map, ${format.intervalLocal(ms(interval.fromSeconds), ms(interval.untilSeconds))}`,
    ],
    [
      'range',
      firstDay === lastDay
        ? `the day in the charts, ${firstDay}`
        : `the week in the charts, ${firstDay} to ${lastDay}`,
    ],
  ];
  return (
    <fieldset class="export-extents">
      <legend class="visually-hidden">Which time</legend>
      {choices.map(([value, words]) => (
        <label key={value}>
          <input
            type="radio"
            name="export-extent"
            value={value}
            checked={props.extent === value}
            onChange={() => props.onChange(value)}
          />{' '}
          {words}
        </label>
      ))}
    </fieldset>
  );
}

function PictureButton(): JSX.Element {
  const [state, setState] = useState<'idle' | 'drawing' | 'failed'>('idle');
  const draw = async (): Promise<void> => {
    // Not disabled: a disabled button would drop the keyboard's place.
    if (state === 'drawing') return;
    setState('drawing');
    try {
      await savePicture();
      setState('idle');
    } catch {
      setState('failed');
    }
  };
  return (
    <>
      <button
        type="button"
        class="button"
        aria-disabled={state === 'drawing'}
        onClick={() => void draw()}
      >
        {state === 'drawing' ? 'Drawing' : 'PNG of the map'}
      </button>
      {state === 'failed' && <span role="status"> This browser could not draw it.</span>}
    </>
  );
}

function Requests(props: { path: string }): JSX.Element {
  return (
    <div class="export-requests">
      <h3>The same by API</h3>
      <Copyable label="address" text={`${location.origin}${props.path}`} />
      <Copyable label="curl line" text={curlLine(location.origin, props.path)} />
      <p class="export-words">Put your own token in the place of TOKEN.</p>
    </div>
  );
}

function Copyable(props: { label: string; text: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(props.text);
      setCopied(true);
    } catch {
      // Without permission the text is there to be selected.
      setCopied(false);
    }
  };
  return (
    <div class="export-copy">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <code tabIndex={0}>{props.text}</code>
      <button
        type="button"
        class="button"
        aria-label={`Copy the ${props.label}`}
        onClick={() => void copy()}
        onBlur={() => setCopied(false)}
      >
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
