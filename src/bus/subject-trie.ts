// Values by subject pattern, found by walking the subject's tokens: the cost of a match does not
// grow with the number of patterns, of which there may be tens of thousands.

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  star: Node<T> | undefined;
  readonly here: Set<T>;
  readonly below: Set<T>;
}

export class SubjectTrie<T> {
  readonly #root: Node<T> = createNode();

  add(pattern: string, value: T): void {
    this.#setOf(pattern, true)?.add(value);
  }

  delete(pattern: string, value: T): void {
    this.#setOf(pattern, false)?.delete(value);
    prune(this.#root, pattern.split('.'), 0);
  }

  /** Every value whose pattern matches, once per pattern, in no promised order. */
  match(subject: string): T[] {
    const found: T[] = [];
    collect(this.#root, subject.split('.'), 0, found);
    return found;
  }

  #setOf(pattern: string, isCreating: boolean): Set<T> | undefined {
    let node = this.#root;
    for (const token of pattern.split('.')) {
      if (token === '>') return node.below;
      let next: Node<T> | undefined = token === '*' ? node.star : node.children.get(token);
      if (next === undefined) {
        if (!isCreating) return undefined;
        next = createNode<T>();
        if (token === '*') node.star = next;
        else node.children.set(token, next);
      }
      node = next;
    }
    return node.here;
  }
}

/** A test of one pattern, for scans over stored messages. */
export function compilePattern(pattern: string): (subject: string) => boolean {
  if (pattern === '>') return () => true;
  if (!pattern.includes('*')) {
    if (!pattern.endsWith('.>')) return (subject) => subject === pattern;
    const prefix = pattern.slice(0, -1);
    return (subject) => subject.length > prefix.length && subject.startsWith(prefix);
  }
  // Tokens hold no character that is special in a regular expression.
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace(/>$/, '.+');
  const expression = new RegExp(`^${source}$`);
  return (subject) => expression.test(subject);
}

function createNode<T>(): Node<T> {
  return { children: new Map(), star: undefined, here: new Set(), below: new Set() };
}

function collect<T>(node: Node<T>, tokens: readonly string[], depth: number, found: T[]): void {
  if (depth === tokens.length) {
    for (const value of node.here) found.push(value);
    return;
  }
  for (const value of node.below) found.push(value);
  const child = node.children.get(tokens[depth]!);
  if (child !== undefined) collect(child, tokens, depth + 1, found);
  if (node.star !== undefined) collect(node.star, tokens, depth + 1, found);
}

/** Drops emptied nodes, so that subscriptions that come and go leave nothing; true where empty. */
function prune<T>(node: Node<T>, tokens: readonly string[], depth: number): boolean {
  const token = tokens[depth];
  if (token === '*' && node.star && prune(node.star, tokens, depth + 1)) node.star = undefined;
  else if (token !== undefined) {
    const child = node.children.get(token);
    if (child && prune(child, tokens, depth + 1)) node.children.delete(token);
  }
  return node.children.size === 0 && !node.star && node.here.size === 0 && node.below.size === 0;
}
