// Bytes as people read them: hex in groups of four digits, which wrap on a narrow screen.

import { Fragment, type JSX } from 'preact';
import { frameFields } from './frame-fields.ts';
import { groupHex } from './mask-arithmetic.ts';

export function Hex(props: { hex: string }): JSX.Element {
  return <code class="hex">{groupHex(props.hex)}</code>;
}

/** A meter's frame with its masked words set off from the header before and the tag behind them. */
export function FrameBytes(props: { hex: string }): JSX.Element {
  const fields = frameFields(props.hex);
  return (
    <code class="hex">
      {fields.map((field, i) => (
        <Fragment key={i}>
          <span class="hex-field" data-field={field.label.replace(' ', '-')} title={field.label}>
            {groupHex(field.hex)}
          </span>{' '}
        </Fragment>
      ))}
    </code>
  );
}
