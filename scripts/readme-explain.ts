// Writes the short form of `streetwatt explain` into README.md, between its marker comments:
//   node scripts/readme-explain.ts
// test/cli/explain.test.ts fails while they differ.

import { readFile, writeFile } from 'node:fs/promises';
import { DEFAULT_EXPLAIN_SEED, formatSummary } from '../src/cli/explain.ts';
import { explainThreeHomes } from '../src/runtime/explain.ts';

const START = '<!-- explain:start -->';
const END = '<!-- explain:end -->';

const path = new URL('../README.md', import.meta.url);
const readme = await readFile(path, 'utf8');
const start = readme.indexOf(START);
const end = readme.indexOf(END, start);
if (start < 0 || end < 0) throw new Error(`README.md: expected ${START} and, below it, ${END}`);
const text = formatSummary(explainThreeHomes(DEFAULT_EXPLAIN_SEED));
const block = `${START}\n\`\`\`text\n${text}\n\`\`\`\n`;
await writeFile(path, `${readme.slice(0, start)}${block}${readme.slice(end)}`);
