// Everything that may be said of one cell in one interval.

import type { JSX } from 'preact';
import { reasonText } from '../../../src/map/cell-state.ts';
import type { Classes } from '../../../src/map/classes.ts';
import { ENERGY_METRICS, meanPowerW } from '../../../src/map/metric.ts';
import type { Cell } from '../state/cells.ts';
import { map } from '../state/data.ts';
import { energyFormat } from '../state/formats.ts';
import { metric } from '../state/view.ts';
import {
  coverageWords,
  METRIC_WORDS,
  originWords,
  stateSentence,
  stateWords,
  valueText,
} from '../state/words.ts';

export interface CellCardProps {
  readonly cell: Cell;
  readonly classes: Classes;
  readonly level: string;
}

export function CellCard({ cell, classes, level }: CellCardProps): JSX.Element {
  const { row } = cell;
  const shown = metric.value;
  const sentence = stateSentence(cell);
  const seconds = map.value?.intervalSeconds ?? 900;
  return (
    <>
      <p class="tooltip-name">
        <strong>{cell.name}</strong> <span>{level}</span>
      </p>
      {cell.value !== null && (
        <p class="tooltip-value">
          <strong>{valueText(cell, shown, classes, energyFormat)}</strong>{' '}
          <span>{METRIC_WORDS[shown].label.toLowerCase()}</span>
        </p>
      )}
      {cell.state !== 'value' && <p class="tooltip-state">{stateWords(cell.state)}</p>}
      {sentence !== '' && <p class="tooltip-reason">{sentence}</p>}
      {row !== undefined && cell.state !== 'unconnected' && (
        <>
          <table class="tooltip-figures">
            <tbody>
              {ENERGY_METRICS.map((name) => (
                <Figure
                  key={name}
                  label={METRIC_WORDS[name].label}
                  isShown={name === shown}
                  energyWh={row.energyWh[name]}
                  absent={row.absent[name]}
                  seconds={seconds}
                  isSigned={name === 'net'}
                />
              ))}
            </tbody>
          </table>
          <p class="tooltip-foot">
            {energyFormat.count(row.meterCount)} meters; {coverageWords(row.coverage, energyFormat)}
            . {originSentence(row)}
          </p>
        </>
      )}
    </>
  );
}

function originSentence(row: NonNullable<Cell['row']>): string {
  const checked =
    row.origin === 'simulated'
      ? ''
      : row.isChecked
        ? ', checked by a second trustee'
        : ', not checked by a second trustee';
  const words = originWords(row);
  return `${words[0]?.toUpperCase()}${words.slice(1)}${checked}.`;
}

interface FigureProps {
  readonly label: string;
  readonly isShown: boolean;
  readonly energyWh: number | null;
  readonly absent: string | undefined;
  readonly seconds: number;
  readonly isSigned: boolean;
}

function Figure({ label, isShown, energyWh, absent, seconds, isSigned }: FigureProps): JSX.Element {
  const powerW = energyWh === null ? null : meanPowerW(energyWh, seconds);
  return (
    <tr class={isShown ? 'is-shown' : undefined}>
      <th scope="row">{label}</th>
      {powerW === null ? (
        <td colSpan={2} class="is-absent" title={reasonText(absent)}>
          {shortReason(absent)}
        </td>
      ) : (
        <>
          <td>{energyFormat.power(powerW, { isSigned })}</td>
          <td>{energyFormat.energy(energyWh, { isSigned })}</td>
        </>
      )}
    </tr>
  );
}

/** The sentence is the cell's; a line of the list has room for the word. */
function shortReason(reason: string | undefined): string {
  return (reason ?? 'no figure').replaceAll('-', ' ');
}
