// Writes THIRD-PARTY-NOTICES.md: every package that an installation of zemosaic brings along, with its licence, and the star catalogue.
// Run with `npx tsx scripts/gen-notices.ts`; a test fails while the file is not what this makes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const NOTICES_FILE = path.resolve(import.meta.dirname, '../THIRD-PARTY-NOTICES.md');

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

interface Notice {
  readonly name: string;
  readonly licence: string;
  readonly versions: readonly string[];
  readonly text: string;
}

const HEAD = `# Third-party notices

ZeMosaic is under the MIT licence (see LICENSE). Installing it from npm also installs the packages below, each under its
own licence. ZeMosaic's own package holds works of others besides: the star catalogue, under its own heading first; in the page of
its window (dist/gui/page) the code of Preact, of intl-messageformat and of what that needs; and in the joined program (dist/program)
that of most of the packages below. Made by \`scripts/gen-notices.ts\`.
`;

/** The whole text of the notices, from package-lock.json and the licence files in node_modules under `root`. */
export function renderNotices(root: string): string {
  const notices = productionPackages(root);
  const table = notices.map(
    ({ name, licence, versions }) => `| ${name} | ${versions.join(', ')} | ${licence} |`,
  );
  const texts = notices.map(({ name, text }) => `## ${name}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
  return [
    HEAD,
    catalogueNotice(root),
    '| package | version | licence |',
    '|---|---|---|',
    ...table,
    '',
    ...texts,
  ].join('\n');
}

/** The section of data/README.md on where the catalogue comes from, and its licence. */
function catalogueNotice(root: string): string {
  const text = readFileSync(path.join(root, 'data/README.md'), 'utf8');
  const section = /^## Source, licence, credit\n([\s\S]*?)(?=^## )/m.exec(text);
  if (!section) throw new Error('data/README.md: no section "Source, licence, credit"');
  return `## Star catalogue: data/tycho2-full.bin\n${section[1]}`;
}

/** Packages that are not installed with the program because their code is in its page. */
const BUNDLED = ['preact'];

/** One notice a package name and licence text, sorted by name. */
function productionPackages(root: string): Notice[] {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const found = new Map<string, Notice>();
  for (const [folder, entry] of Object.entries(lock.packages)) {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (folder === '' || (entry.dev && !BUNDLED.includes(name))) continue;
    const text = licenceText(path.join(root, folder));
    const licence = entry.license ?? 'see below';
    const key = `${name}\n${licence}\n${text}`;
    const versions = new Set([...(found.get(key)?.versions ?? []), entry.version ?? '']);
    found.set(key, { name, licence, text, versions: [...versions].sort() });
  }
  return [...found.values()].sort((a, b) => (a.name + a.versions[0] < b.name + b.versions[0] ? -1 : 1));
}

function licenceText(folder: string): string {
  const file = readdirSync(folder)
    .filter((name) => /^(?:licen[cs]e|copying)/i.test(name))
    .sort()[0];
  const lines = (text: string) =>
    text
      .replace(/\r\n?/g, '\n')
      .replace(/[ \t]+$/gm, '')
      .trim();
  if (file !== undefined) return lines(readFileSync(path.join(folder, file), 'utf8'));
  // Some packages state their licence in the manifest alone.
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    license?: string;
    author?: string | { name?: string };
  };
  const author = typeof manifest.author === 'string' ? manifest.author : manifest.author?.name;
  return `${manifest.license ?? ''}${author === undefined ? '' : `, ${author}`}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(NOTICES_FILE, renderNotices(path.dirname(NOTICES_FILE)));
}
