// A row of choices of which one holds: real radio buttons, so arrow keys and screen readers know them.

import './radio-group.css';
import type { JSX } from 'preact';

export interface Choice<T extends string> {
  readonly id: T;
  readonly label: string;
  readonly hint?: string;
}

export interface RadioGroupProps<T extends string> {
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly Choice<T>[];
  readonly chosen: T;
  readonly onChoose: (id: T) => void;
}

export function RadioGroup<T extends string>(props: RadioGroupProps<T>): JSX.Element {
  const { name, legend, choices, chosen, onChoose } = props;
  return (
    <fieldset class="radios">
      <legend class="visually-hidden">{legend}</legend>
      {choices.map(({ id, label, hint }) => (
        <label key={id} title={hint}>
          <input
            type="radio"
            name={name}
            value={id}
            checked={id === chosen}
            onChange={() => onChoose(id)}
          />
          <span class="radio-label">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
