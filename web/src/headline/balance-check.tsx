// Whether the figures add up, and what crosses the boundary.

import type { JSX } from 'preact';
import type { RowDocument } from '../../../src/server/wire.ts';
import { energyFormat } from '../state/formats.ts';
import { boundaryExchangeWh, checkBalance } from './balance.ts';

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
    <div class="headline-check" data-kind={check.kind}>
      <p>
        <span class="headline-tick" aria-hidden="true">
          {isClosed ? '✓' : '✗'}
        </span>{' '}
        <strong>{isClosed ? 'It balances' : 'It does not balance'}</strong>{' '}
        <span class="headline-sum">
          production {wh(check.production)} + import {wh(check.import)} {isClosed ? '=' : '≠'}{' '}
          consumption {wh(check.consumption)} + export {wh(check.export)}
          {isClosed ? ` = ${wh(check.leftWh)}` : ` (${wh(check.leftWh)} ≠ ${wh(check.rightWh)})`} Wh
        </span>
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
    </div>
  );
}
