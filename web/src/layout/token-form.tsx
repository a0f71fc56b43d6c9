// Where the server asks for a token: a field for it. The page forgets it as soon as it is sent.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asProblem } from '../api/problem.ts';
import { logIn } from '../api/session.ts';
import { reload } from '../state/sync.ts';

export function TokenForm(): JSX.Element {
  const [refusal, setRefusal] = useState('');
  const send = async (form: HTMLFormElement): Promise<void> => {
    const token = new FormData(form).get('token');
    if (typeof token !== 'string' || token.trim() === '') return;
    form.reset();
    try {
      await logIn(token.trim());
      reload();
    } catch (error) {
      setRefusal(asProblem(error).detail);
    }
  };
  return (
    <form
      class="token-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      <label>
        Token <input type="password" name="token" autocomplete="off" required />
      </label>
      <button type="submit" class="button">
        Open the map
      </button>
      <p role="status">{refusal}</p>
    </form>
  );
}
