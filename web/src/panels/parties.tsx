// The parties in the order in which a reading passes them, and what comes out at the end.

import type { ComponentChildren, JSX } from 'preact';
import type { EvidenceDocument } from '../../../src/server/wire.ts';
import { energyFormat } from '../state/formats.ts';
import { Arithmetic } from './arithmetic.tsx';
import { FrameBytes, Hex } from './bytes.tsx';
import { ComponentCheck } from './component-check.tsx';
import { plural } from './plural.ts';

export function Parties(props: { evidence: EvidenceDocument }): JSX.Element {
  const { evidence } = props;
  return (
    <>
      {evidence.cell.members.length > 1 && (
        <p class="privacy-cell">
          This street has too few meters to stand alone: it is published as {evidence.cell.name},{' '}
          {evidence.cell.members.length} streets in one total.
        </p>
      )}
      {evidence.notes.length > 0 && (
        <ul class="privacy-notes">
          {evidence.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {evidence.household !== null && <Household household={evidence.household} />}
      <ol class="parties">
        <Bus bus={evidence.bus} />
        <Aggregator aggregator={evidence.aggregator} />
        <Trustees trustees={evidence.trustees} />
        <Monitor evidence={evidence} />
      </ol>
      <section class="result" aria-labelledby="result-title">
        <h3 id="result-title">The one number that comes out, by your own calculator</h3>
        <p>Words of 64 bits, modulo 2⁶⁴: a calculator with 64-bit words gives the same.</p>
        <div class="result-sums">
          <Arithmetic evidence={evidence} />
          <ComponentCheck evidence={evidence} />
        </div>
      </section>
    </>
  );
}

function Household(props: { household: NonNullable<EvidenceDocument['household']> }): JSX.Element {
  const { household } = props;
  return (
    <section class="household" aria-labelledby="household-title">
      <h3 id="household-title">{household.label}</h3>
      <p class="household-mark">Only the household sees this; shown in the demo only.</p>
      <dl>
        {household.readingWh.map(({ channel, energyWh }) => (
          <div key={channel}>
            <dt>{channel}, true reading</dt>
            <dd>
              <strong class="big-number">{energyFormat.count(energyWh)} Wh</strong>
            </dd>
          </div>
        ))}
        <div class="household-frame">
          <dt>what left the house, {household.frame.length / 2} bytes</dt>
          <dd>
            <FrameBytes hex={household.frame} />
          </dd>
        </div>
      </dl>
      <p class="frame-key">
        <span data-field="masked-word">masked words</span> are the readings plus masks. Before them:
        version, channels, slot, interval. After them: <span data-field="tag">the tag</span>, by
        which the aggregator knows that it is genuine.
      </p>
    </section>
  );
}

function Party(props: { title: string; sees: string; children: ComponentChildren }): JSX.Element {
  return (
    <li class="party">
      <h3>{props.title}</h3>
      <p class="party-sees">{props.sees}</p>
      <div class="party-bytes">{props.children}</div>
    </li>
  );
}

function Bus(props: { bus: EvidenceDocument['bus'] }): JSX.Element {
  const { bus } = props;
  return (
    <Party title="Bus" sees="Every masked frame, and which meter slot sent it. No reading.">
      {bus === null ? (
        <p>Its frames are not here any more.</p>
      ) : (
        <>
          <p>
            {plural(bus.frameCount, 'frame')} on <code class="hex">{bus.subject}</code>
          </p>
          <ol class="frames">
            {bus.frames.map((hex) => (
              <li key={hex}>
                <FrameBytes hex={hex} />
              </li>
            ))}
          </ol>
          {bus.frameCount > bus.frames.length && (
            <p>and {energyFormat.count(bus.frameCount - bus.frames.length)} more like these</p>
          )}
        </>
      )}
    </Party>
  );
}

function Aggregator(props: { aggregator: EvidenceDocument['aggregator'] }): JSX.Element {
  const { aggregator } = props;
  return (
    <Party title="Aggregator" sees="The sum of the masked words: still random.">
      {aggregator === null ? (
        <p>Its masked total is not here.</p>
      ) : (
        <Words words={aggregator.maskedTotals} label="masked total" />
      )}
    </Party>
  );
}

function Trustees(props: { trustees: EvidenceDocument['trustees'] }): JSX.Element {
  return (
    <Party
      title="Trustees"
      sees="Sums of masks, each of some components only. Never a masked reading, never a total."
    >
      {props.trustees.length === 0 ? (
        <p>None has released a sum of this interval.</p>
      ) : (
        <ul class="trustees">
          {props.trustees.map((trustee) => (
            <li key={trustee.name}>
              <h4>{trustee.name}</h4>
              {trustee.maskSums.length === 0 && <p>released nothing</p>}
              {trustee.maskSums.map((sum) => (
                <Words
                  key={sum.component}
                  words={sum.words}
                  label={`component ${sum.component + 1}`}
                />
              ))}
            </li>
          ))}
        </ul>
      )}
    </Party>
  );
}

function Monitor(props: { evidence: EvidenceDocument }): JSX.Element {
  const { monitor } = props.evidence;
  return (
    <Party title="Monitor" sees="Masked total and sum of masks: their difference, and only that.">
      <Words words={monitor.maskedTotals} label="masked total" />
      <Words words={monitor.maskSums} label="sum of masks" />
      <dl class="monitor-numbers">
        {monitor.energyWh.map(({ channel, energyWh }) => (
          <div key={channel}>
            <dt>{channel}</dt>
            <dd>{energyWh === null ? 'not published' : `${energyFormat.count(energyWh)} Wh`}</dd>
          </div>
        ))}
      </dl>
    </Party>
  );
}

function Words(props: {
  words: readonly { readonly channel: string; readonly hex: string }[];
  label: string;
}): JSX.Element {
  return (
    <div class="words">
      <p>{props.label}</p>
      <dl>
        {props.words.map((word) => (
          <div key={word.channel}>
            <dt>{word.channel}</dt>
            <dd>
              <Hex hex={word.hex} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
