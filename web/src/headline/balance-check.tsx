// Whether the figures add up, and what crosses the boundary.

import type { JSX } from 'preact';
import type { RowDocument } from '../../../src/server/wire.ts';
import { energyFormat } from '../state/formats.ts';
import { boundaryExchangeWh, checkBalance } from './balance.ts';

/** The sums are for a second look where they would push the table off the screen. */
const hasRoom = matchMedia('(min-height: 60rem), (max-width: 64rem)').matches;

/** Exact, in watt-hours: rounded figures would not be seen to add up. */
export function BalanceCheck(props: { row: RowDocument }): JSX.Element {
  const { row } = props;
  const check = checkBalance(row.energyWh);
  const wh = (value: number): string => energyFormat.count(value);
  if (check.kind === 'unknown') {
    const missing = check.missing.join(' and ').replace(/ and (?=.* and )/g, ', ');
    return (
      <p class="headline-check" data-kind="unknown">
        <strong>Balance not checked.</strong> There is no figure of {missing}.
      </p>
    );
  }
  const exchange = boundaryExchangeWh(row.energyWh);
  const isClosed = check.kind === 'closed';
  return (
    <details class="headline-check" data-kind={check.kind} open={hasRoom}>
      <summary>
        <span class="headline-tick" aria-hidden="true">
          {isClosed ? '✓' : '✗'}
        </span>{' '}
        <strong>{isClosed ? 'It balances' : 'It does not balance'}</strong>: production + import{' '}
        {isClosed ? '=' : '≠'} consumption + export
      </summary>
      <p class="headline-sum">
        {wh(check.production)} + {wh(check.import)} {isClosed ? '=' : '≠'} {wh(check.consumption)} +{' '}
        {wh(check.export)}
        {isClosed ? ` = ${wh(check.leftWh)}` : ` (${wh(check.leftWh)} ≠ ${wh(check.rightWh)})`} Wh
      </p>
      {exchange !== null && (
        <p>
          <strong>Over the boundary</strong>{' '}
          <span class="headline-sum">
            consumption {wh(check.consumption)} − production {wh(check.production)} = {wh(exchange)}{' '}
            Wh {exchange === row.energyWh.net ? '= net' : '≠ net'}
          </span>
          : what one home feeds in and a neighbour draws counts in both registers, but stays inside.
        </p>
      )}
    </details>
  );
}
