// The five figures of the focus: each as power and energy, against yesterday, or why it is not there.

import type { JSX } from 'preact';
import { absentText, reasonText } from '../../../src/map/cell-state.ts';
import { type EnergyMetric, meanPowerW } from '../../../src/map/metric.ts';
import type { RowDocument } from '../../../src/server/wire.ts';
import { energyFormat, timeFormat } from '../state/formats.ts';
import { compareFigures } from './balance.ts';

/** Beyond it two sums are not of the same meters. */
const MAX_COVERAGE_DIFFERENCE = 0.03;

export interface Figures {
  readonly row: RowDocument;
  readonly yesterday: Yesterday;
  readonly intervalSeconds: number;
  /** Why there is none of the five, where it is the same for all: then it is said once. */
  readonly sharedReason: string | undefined;
}

export type Yesterday = Readonly<Partial<Record<EnergyMetric, number | null>>> & {
  readonly at?: number;
  readonly coverage?: number | null;
};

export function NetBalance(props: Figures): JSX.Element {
  const { row, intervalSeconds } = props;
  const netWh = row.energyWh.net;
  return (
    <div class="headline-net">
      <p class="headline-label">Net balance</p>
      {netWh === null ? (
        <Absent words={reasonText(props.sharedReason ?? row.absent.net ?? row.reason)} />
      ) : (
        <>
          <p class="headline-big">
            {energyFormat.power(meanPowerW(netWh, intervalSeconds), { isSigned: true })}
          </p>
          <p class="headline-words">{netWords(netWh)}</p>
          <p class="headline-energy">
            {energyFormat.energy(netWh, { isSigned: true })} in {Math.round(intervalSeconds / 60)}{' '}
            min
          </p>
          <Change metric="net" nowWh={netWh} {...props} />
        </>
      )}
    </div>
  );
}

function netWords(netWh: number): string {
  if (netWh > 0) return 'drawn in over the boundary';
  return netWh < 0 ? 'fed out over the boundary' : 'nothing crosses the boundary';
}

export function Tile(
  props: Figures & {
    readonly metric: EnergyMetric;
    readonly label: string;
    readonly words: string | undefined;
  },
): JSX.Element {
  const { row, metric } = props;
  const energyWh = row.energyWh[metric];
  return (
    <div class="headline-tile" data-metric={metric}>
      <dt class="headline-label">{props.label}</dt>
      <dd>
        {energyWh === null ? (
          <Absent
            words={
              props.sharedReason === undefined
                ? absentText(row, metric, row.absent[metric] ?? row.reason)
                : undefined
            }
          />
        ) : (
          <>
            <p class="headline-figure">
              {energyFormat.power(meanPowerW(energyWh, props.intervalSeconds))}
            </p>
            <p class="headline-energy">{energyFormat.energy(energyWh)}</p>
            <Change {...props} nowWh={energyWh} />
          </>
        )}
        {energyWh !== null && props.words !== undefined && (
          <p class="headline-meaning">{props.words}</p>
        )}
      </dd>
    </div>
  );
}

/** `undefined` where the reason is said elsewhere. */
function Absent(props: { words: string | undefined }): JSX.Element {
  return (
    <>
      <p class="headline-figure headline-none">
        <span aria-hidden="true">–</span>
        <span class="visually-hidden">no figure</span>
      </p>
      {props.words !== undefined && <p class="headline-reason">{props.words}</p>}
    </>
  );
}

/** Against the same local time a day before. */
function Change(
  props: Figures & { readonly metric: EnergyMetric; readonly nowWh: number },
): JSX.Element | null {
  const { metric, yesterday } = props;
  const compared = compareFigures(props.nowWh, yesterday[metric]);
  if (compared === undefined || yesterday.at === undefined) return null;
  // Sums over other meters tell nothing of one another.
  if (Math.abs(props.row.coverage - (yesterday.coverage ?? 0)) > MAX_COVERAGE_DIFFERENCE)
    return null;
  const { deltaWh, share } = compared;
  const percent = Math.round(Math.abs(share ?? 0) * 100);
  // "6 % more" of what is below zero says the opposite of what it means: net tells the difference.
  const isShare = metric !== 'net' && share !== null;
  const amount = isShare
    ? `${energyFormat.count(percent)}%`
    : energyFormat.power(meanPowerW(Math.abs(deltaWh), props.intervalSeconds));
  const isSame = deltaWh === 0 || (isShare && percent === 0);
  const at = timeFormat.value.clock(yesterday.at * 1000);
  return (
    <p class="headline-change" title={`Compared with ${at} the day before`}>
      {isSame ? (
        'as yesterday'
      ) : (
        <>
          <span aria-hidden="true">{deltaWh > 0 ? '▲' : '▼'}</span> {amount}{' '}
          {changeWord(metric, deltaWh)} than yesterday
        </>
      )}
    </p>
  );
}

function changeWord(metric: EnergyMetric, deltaWh: number): string {
  if (metric === 'net') return deltaWh > 0 ? 'higher' : 'lower';
  return deltaWh > 0 ? 'more' : 'less';
}
