// Whose figures and whose borders these are, under which licence, and where the interface is.

import './footer.css';
import type { JSX } from 'preact';
import { map } from '../state/data.ts';

export function Footer(): JSX.Element {
  const about = map.value;
  return (
    <footer class="foot">
      <p>
        Figures: {about?.dataLicence}.{' '}
        {about?.attributions.map(({ text, url, licence }, i) => (
          <span key={url + text}>
            {i > 0 && ' · '}
            <a href={url} rel="noreferrer">
              {text}
            </a>{' '}
            ({licence})
          </span>
        ))}
      </p>
      <p>
        {about !== undefined && `Nothing is published of fewer than ${about.minMeters} meters. `}
        <a href="/docs">API and exports</a> · <a href="/openapi.json">OpenAPI</a> ·{' '}
        <a href="/ogc">OGC API Features</a>
      </p>
    </footer>
  );
}
