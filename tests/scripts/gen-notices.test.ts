import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { NOTICES_FILE, renderNotices } from '../../scripts/gen-notices.js';

const root = path.dirname(NOTICES_FILE);
const notices = readFileSync(NOTICES_FILE, 'utf8');

test('the notices are current (else: npx tsx scripts/gen-notices.ts)', () => {
  expect(notices).toBe(renderNotices(root));
});

test('every direct dependency has a row and a licence text', () => {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(manifest.dependencies)) {
    expect(notices).toMatch(new RegExp(`^\\| ${name} \\| [\\d.]+.* \\| [A-Za-z]+`, 'm'));
    expect(notices).toContain(`## ${name}\n\n\`\`\`text\n`);
  }
});

test('only licences that ask for no more than a notice come along', () => {
  const licences = [...notices.matchAll(/^\| \S+ \| [\d., ]+ \| (.+) \|$/gm)].map(([, licence]) => licence);
  expect(licences.length).toBeGreaterThan(10);
  for (const licence of licences) {
    expect(licence).toMatch(/^(?:MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0)$/);
  }
});
