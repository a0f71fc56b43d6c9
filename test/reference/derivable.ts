// What can be computed from a set of published sums, found by linear algebra and nothing else.
//
// A published number is a known combination of unknowns: a row with one column per (meter, channel).
// Whatever can be derived from several of them by adding and subtracting is a vector of their row
// space, so a figure about few connection points is a non-zero vector whose non-zero columns all
// belong to few connection points. `findSmallFigure` decides whether there is one.
//
// Why that is sound, and exact:
// - V is the row space. A connection point is *out* of a vector when all of its columns are zero.
//   The search splits V: for a class G of connection points, either a vector is zero on all of G (go
//   on in that subspace), or G may be in it (its size is then spent of the minimum - 1 allowed).
//   Every vector takes one of the branches, and where the space has become {0} there is none.
// - A class is a set of connection points whose columns, written in a basis of the space at hand,
//   span the same subspace: a vector v = c B is zero on a point where c is orthogonal to that span,
//   so it is zero on all of the class or on none. Splitting by classes therefore loses no vector, and
//   a class larger than what is left to spend must be out. On honest publications this alone ends
//   the search; it never uses that cells are disjoint, nor which rows are cells.
// - Arithmetic is modulo a prime below 2^26, so that products are exact. A rank modulo p is at most
//   the rational one, and less only where p divides a minor of a matrix of small integers; over
//   thousands of random networks a false answer would have to repeat that accident each time.
//
// `isFigureWithin` is the slow twin for one given set, by two ranks.

const P = 67_108_859;

type Row = readonly number[];

/** `owners[column]` is the connection point that the column's unknown belongs to. */
export interface Publication {
  readonly rows: readonly Row[];
  readonly owners: readonly number[];
}

/** The connection points, fewer than `minimum`, that some derivable figure is about, or undefined. */
export function findSmallFigure(
  { rows, owners }: Publication,
  minimum: number,
): number[] | undefined {
  const columnsOf = new Map<number, number[]>();
  owners.forEach((owner, column) => {
    const columns = columnsOf.get(owner);
    if (columns === undefined) columnsOf.set(owner, [column]);
    else columns.push(column);
  });
  return search(reduce(rows), columnsOf, new Set(), minimum - 1);
}

/** Whether some derivable figure is about connection points of `owners` alone. */
export function isFigureWithin({ rows, owners }: Publication, set: ReadonlySet<number>): boolean {
  const outside = owners.flatMap((owner, column) => (set.has(owner) ? [] : [column]));
  return reduce(rows).length > reduce(rows.map((row) => pick(row, outside))).length;
}

/** The same publication to someone who knows every unknown that `isHidden` does not name. */
export function projectOn(
  { rows, owners }: Publication,
  isHidden: (column: number) => boolean,
): Publication {
  const columns = owners.flatMap((_, column) => (isHidden(column) ? [column] : []));
  return { rows: rows.map((row) => pick(row, columns)), owners: pick(owners, columns) };
}

function search(
  space: readonly Row[],
  columnsOf: ReadonlyMap<number, readonly number[]>,
  inside: ReadonlySet<number>,
  budget: number,
): number[] | undefined {
  let basis = space;
  for (;;) {
    if (basis.length === 0) return undefined;
    const classes = classesOf(basis, columnsOf, inside);
    const largest = classes[0];
    if (largest === undefined) return supportOf(basis[0] as Row, columnsOf);
    const without = vanishingOn(
      basis,
      largest.flatMap((owner) => columnsOf.get(owner) ?? []),
    );
    if (largest.length <= budget) {
      const found = search(
        basis,
        columnsOf,
        new Set([...inside, ...largest]),
        budget - largest.length,
      );
      if (found !== undefined) return found;
    }
    basis = without;
  }
}

/** Undecided connection points by what their columns span in the basis, largest class first. */
function classesOf(
  basis: readonly Row[],
  columnsOf: ReadonlyMap<number, readonly number[]>,
  inside: ReadonlySet<number>,
): number[][] {
  const classes = new Map<string, number[]>();
  for (const [owner, columns] of columnsOf) {
    if (inside.has(owner)) continue;
    const key = spanKey(basis, columns);
    if (key === '') continue;
    const members = classes.get(key);
    if (members === undefined) classes.set(key, [owner]);
    else members.push(owner);
  }
  return [...classes.values()].sort((a, b) => b.length - a.length);
}

function spanKey(basis: readonly Row[], columns: readonly number[]): string {
  return reduce(columns.map((column) => basis.map((row) => row[column] as number))).join(';');
}

/** A basis of the vectors of the space that are zero in all of `columns`. */
function vanishingOn(basis: readonly Row[], columns: readonly number[]): Row[] {
  return eliminate(basis, columns).rest;
}

function supportOf(row: Row, columnsOf: ReadonlyMap<number, readonly number[]>): number[] {
  return [...columnsOf].flatMap(([owner, columns]) =>
    columns.some((column) => row[column] !== 0) ? [owner] : [],
  );
}

/** The reduced row echelon form, without zero rows: the same for every basis of the space. */
function reduce(rows: readonly Row[]): Row[] {
  return eliminate(rows, [...(rows[0] ?? []).keys()]).pivoted;
}

function eliminate(
  rows: readonly Row[],
  columns: readonly number[],
): { readonly pivoted: Row[]; readonly rest: Row[] } {
  const work = rows.map((row) => row.map((value) => ((value % P) + P) % P));
  let top = 0;
  for (const column of columns) {
    const found = work.findIndex((row, i) => i >= top && row[column] !== 0);
    if (found < 0) continue;
    const pivot = work[found] as number[];
    work[found] = work[top] as number[];
    work[top] = pivot;
    const scale = invert(pivot[column] as number);
    if (scale !== 1) for (let j = 0; j < pivot.length; j++) pivot[j] = (pivot[j]! * scale) % P;
    for (let i = 0; i < work.length; i++) {
      const row = work[i] as number[];
      const factor = row[column] as number;
      if (i === top || factor === 0) continue;
      // At most (P - 1) + (P - 1)^2, below 2^53.
      for (let j = 0; j < row.length; j++) row[j] = (row[j]! + (P - factor) * pivot[j]!) % P;
    }
    top++;
  }
  return { pivoted: work.slice(0, top), rest: work.slice(top) };
}

/** By Fermat: value^(P - 2). */
function invert(value: number): number {
  let result = 1;
  let base = value;
  for (let exponent = P - 2; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result;
}

function pick(row: Row, columns: readonly number[]): number[] {
  return columns.map((column) => row[column] as number);
}
