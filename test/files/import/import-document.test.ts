// docs/import.md shows the mappings that are tested, and no others.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { IMPORT_FORMATS } from '../../../src/files/import/formats.ts';
import { parseHomeAssistantMapping } from '../../../src/files/import/mapping.ts';
import { PORTALS } from './portals.ts';

const TEXT = readFileSync(
  fileURLToPath(new URL('../../../docs/import.md', import.meta.url)),
  'utf8',
);

describe('docs/import.md', () => {
  it('shows the mappings of the tests', () => {
    const [homeAssistant = '', ...mappings] = [...TEXT.matchAll(/```json\n(.*?)```/gs)].map(
      ([, json = '']) => json,
    );
    expect(mappings.map((json) => JSON.parse(json) as unknown)).toEqual(
      PORTALS.map(({ mapping }) => mapping),
    );
    expect(Object.keys(parseHomeAssistantMapping(homeAssistant, 'docs').statistics)).toHaveLength(
      3,
    );
  });

  it('has a section and an example of every format', () => {
    for (const format of IMPORT_FORMATS) {
      expect(TEXT).toContain(`(\`${format}\`)`);
      expect(TEXT).toContain(`streetwatt import ${format} `);
    }
  });
});
