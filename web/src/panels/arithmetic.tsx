// The subtraction that opens a total, done again here from the bytes, so that nobody has to take the
// server's word for it.

import type { JSX } from 'preact';
import type { EvidenceDocument } from '../../../src/server/wire.ts';
import { energyFormat } from '../state/formats.ts';
import { Hex } from './bytes.tsx';
import { unmask, wordHex } from './mask-arithmetic.ts';

export function Arithmetic(props: { evidence: EvidenceDocument }): JSX.Element {
  const { monitor } = props.evidence;
  return (
    <>
      {monitor.energyWh.map(({ channel, energyWh }) => (
        <Subtraction
          key={channel}
          channel={channel}
          energyWh={energyWh}
          maskedHex={hexOf(monitor.maskedTotals, channel)}
          maskSumHex={hexOf(monitor.maskSums, channel)}
        />
      ))}
    </>
  );
}

function Subtraction(props: {
  channel: string;
  energyWh: number | null;
  maskedHex: string | undefined;
  maskSumHex: string | undefined;
}): JSX.Element {
  const { channel, energyWh, maskedHex, maskSumHex } = props;
  const opened =
    maskedHex === undefined || maskSumHex === undefined ? undefined : unmask(maskedHex, maskSumHex);
  if (opened === undefined || maskedHex === undefined || maskSumHex === undefined) {
    return (
      <div class="arithmetic">
        <h4>{channel}</h4>
        <p>
          {energyWh === null
            ? 'Not published in this interval: without the sum of the masks, the masked total stays random.'
            : `${energyFormat.count(energyWh)} Wh. Its bytes are not kept any more.`}
        </p>
      </div>
    );
  }
  const isSame = energyWh !== null && opened.energyWh === BigInt(energyWh);
  return (
    <div class="arithmetic">
      <h4>{channel}</h4>
      <table>
        <caption class="visually-hidden">
          Masked total minus sum of the masks, for {channel}
        </caption>
        <tbody>
          <tr>
            <th scope="row">masked total</th>
            <td>
              <Hex hex={maskedHex} />
              <span class="decimal">{opened.masked.toString()}</span>
            </td>
          </tr>
          <tr>
            <th scope="row">− sum of the masks</th>
            <td>
              <Hex hex={maskSumHex} />
              <span class="decimal">{opened.maskSum.toString()}</span>
            </td>
          </tr>
          {opened.hasWrapped && (
            <tr>
              <th scope="row">+ 2⁶⁴, since that is below zero</th>
              <td>
                <code class="hex">1 0000 0000 0000 0000</code>
                <span class="decimal">{(2n ** 64n).toString()}</span>
              </td>
            </tr>
          )}
          <tr class="arithmetic-result">
            <th scope="row">=</th>
            <td>
              <Hex hex={wordHex(opened.word)} />
              {opened.energyWh < 0n && (
                <span class="decimal">
                  {opened.word.toString()} − 2⁶⁴, since its first bit says minus
                </span>
              )}
              <strong class="big-number">
                {opened.energyWh.toLocaleString().replace('-', '−')} Wh
              </strong>
            </td>
          </tr>
        </tbody>
      </table>
      <p class="arithmetic-check" data-ok={isSame}>
        {energyWh === null ? (
          'The monitor publishes no figure of this channel here.'
        ) : (
          <>
            <span aria-hidden="true">{isSame ? '✓' : '✗'}</span>{' '}
            {isSame
              ? `Your browser did this subtraction itself: it is the ${energyFormat.count(energyWh)} Wh on the map.`
              : `The map says ${energyFormat.count(energyWh)} Wh: that is not the same.`}
          </>
        )}
      </p>
    </div>
  );
}

function hexOf(
  words: readonly { readonly channel: string; readonly hex: string }[],
  channel: string,
): string | undefined {
  return words.find((word) => word.channel === channel)?.hex;
}
