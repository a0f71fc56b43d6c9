// Everything that may be said of one cell in one interval.

import type { JSX } from 'preact';
import { absentText } from '../../../src/map/cell-state.ts';
import type { Classes } from '../../../src/map/classes.ts';
import { ENERGY_METRICS, meanPowerW } from '../../../src/map/metric.ts';
import type { Cell } from '../state/cells.ts';
import { map, stageArea } from '../state/data.ts';
import { energyFormat } from '../state/formats.ts';
import { metric } from '../state/view.ts';
import {
  coverageWords,
  METRIC_WORDS,
  originWords,
  shortReason,
  stateSentence,
  stateWords,
  valueText,
} from '../state/words.ts';

const MAX_MEMBERS = 8;

export interface CellCardProps {
  readonly cell: Cell;
  readonly classes: Classes;
  readonly level: string;
}

export function CellCard({ cell, classes, level }: CellCardProps): JSX.Element {
  const { row } = cell;
  const shown = metric.value;
  const sentence = stateSentence(cell, shown);
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
      {cell.members.length > 1 && <Members cell={cell} />}
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
                  why={absentText(row, name, row.absent[name])}
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

/** Which siblings share the cell: its name tells of the first only. */
function Members({ cell }: { readonly cell: Cell }): JSX.Element {
  const names = new Map(stageArea.value?.children.map(({ id, name }) => [id, name]));
  const listed = cell.members.slice(0, MAX_MEMBERS).map((id) => names.get(id) ?? id);
  const left = cell.members.length - listed.length;
  return (
    <p class="tooltip-members">
      One total of {cell.members.length}: {listed.join('; ')}
      {left > 0 && ` and ${left} more`}
    </p>
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
  readonly why: string;
  readonly seconds: number;
  readonly isSigned: boolean;
}

function Figure(props: FigureProps): JSX.Element {
  const { label, isShown, energyWh, absent, why, seconds, isSigned } = props;
  const powerW = energyWh === null ? null : meanPowerW(energyWh, seconds);
  return (
    <tr class={isShown ? 'is-shown' : undefined}>
      <th scope="row">{label}</th>
      {powerW === null ? (
        <td colSpan={2} class="is-absent" title={why}>
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
