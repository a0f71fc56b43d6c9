// A component that is drawn again only when one of its properties is another one.

import { Component, type ComponentChild, type JSX } from 'preact';

export function memo<P extends object>(
  render: (props: P) => JSX.Element,
): (props: P) => JSX.Element {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const before = this.props as P;
      const keys = Object.keys(next) as (keyof P)[];
      return keys.some((key) => next[key] !== before[key]);
    }

    override render(props: P): ComponentChild {
      return render(props);
    }
  }
  return Memo as unknown as (props: P) => JSX.Element;
}
