// How the trustees' parts make the sum of the masks: every component once, whoever answered for it.

import type { JSX } from 'preact';
import type { EvidenceDocument } from '../../../src/server/wire.ts';
import { Hex } from './bytes.tsx';
import { type ComponentSum, componentSums } from './component-sums.ts';
import { sumWords } from './mask-arithmetic.ts';

export function ComponentCheck(props: { evidence: EvidenceDocument }): JSX.Element | null {
  const { monitor, trustees } = props.evidence;
  const channel = monitor.maskSums[0]?.channel;
  if (channel === undefined || trustees.length === 0) return null;
  const components = componentSums(trustees, channel);
  const total = sumWords(components.map((component) => component.hex));
  const isSame = total !== undefined && total === monitor.maskSums[0]?.hex;
  return (
    <div class="arithmetic">
      <h4>Where the sum of the masks comes from: {channel}</h4>
      <table>
        <caption class="visually-hidden">Sums of the components of the masks of {channel}</caption>
        <tbody>
          {components.map((component, i) => (
            <tr key={component.component}>
              <th scope="row">
                {i === 0 ? '' : '+ '}component {component.component + 1}
              </th>
              <td>
                <Hex hex={component.hex} />
                <span class="decimal">{holderWords(component)}</span>
              </td>
            </tr>
          ))}
          {total !== undefined && (
            <tr class="arithmetic-result">
              <th scope="row">= modulo 2⁶⁴</th>
              <td>
                <Hex hex={total} />
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <p class="arithmetic-check" data-ok={isSame}>
        <span aria-hidden="true">{isSame ? '✓' : '·'}</span>{' '}
        {isSame
          ? 'That is the sum of the masks above. No trustee alone holds every component.'
          : 'These are not all the components of the sum above.'}
      </p>
    </div>
  );
}

function holderWords(component: ComponentSum): string {
  const holders = component.holders.join(' and ');
  if (!component.isAgreed) return `${holders} disagree`;
  return component.holders.length === 1 ? `${holders} alone: unchecked` : `${holders} agree`;
}
