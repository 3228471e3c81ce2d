// Reads the program's own source with the TypeScript parser: which locale keys it names, and which sentences stand
// where a user would see them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const root = new URL('../..', import.meta.url).pathname;

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sourceFiles(path) : /\.(tsx?|js|mjs)$/.test(entry.name) ? [path] : [];
  });
}

export interface SourceScan {
  /** All texts without placeholders. */
  readonly literals: ReadonlySet<string>;
  /** Fixed beginnings of texts with placeholders: `report_phase_` of `report_phase_${phase}`. */
  readonly prefixes: ReadonlySet<string>;
  /** Texts given as locale keys (first argument of an error or of `t`, value of `code`), with their place. */
  readonly keys: ReadonlyMap<string, string>;
  /** Sentences on their way to a user, with their place. */
  readonly sentences: readonly string[];
}

/** Two words with a blank between them; what no machine name looks like. */
const SENTENCE = /\p{L}{2,}[,;:]? \p{L}{2,}/u;
const SCREEN = /^(console\.\w+|process\.(stdout|stderr)\.write|.*\.(print|note)|(out|err|stdout|stderr)\.write)$/;

// RangeError and TypeError state what our own callers did wrong; users see them only as a fault of the program.
const SPEAKING_ERROR = /^(?!(Range|Type)Error$)\w*Error$/;

function isKeyPosition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent) && /Error$/.test(parent.expression.getText()))
    return parent.arguments?.[0] === node;
  if (ts.isCallExpression(parent) && parent.arguments[0] === node)
    return /(^|\.)t$/.test(parent.expression.getText());
  return ts.isPropertyAssignment(parent) && /^(code|helpKey|patternRule)$/.test(parent.name.getText());
}

function isOnScreen(node: ts.Node): boolean {
  for (let at = node.parent, child = node; at !== undefined; child = at, at = at.parent) {
    if (ts.isNewExpression(at))
      return SPEAKING_ERROR.test(at.expression.getText()) && at.arguments?.[0] === child;
    if (ts.isCallExpression(at)) return SCREEN.test(at.expression.getText());
    // A value inside an object or a function is not the text of the call around it.
    if (ts.isObjectLiteralExpression(at) || ts.isFunctionLike(at)) return false;
  }
  return false;
}

/** Scans one source text; `path` is for naming places. */
export function scanText(
  path: string,
  text: string,
): { literals: string[]; prefixes: string[]; keys: [string, string][]; sentences: string[] } {
  const found = {
    literals: [] as string[],
    prefixes: [] as string[],
    keys: [] as [string, string][],
    sentences: [] as string[],
  };
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const place = (): string => `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      found.literals.push(node.text);
      if (isKeyPosition(node)) found.keys.push([node.text, place()]);
      if (SENTENCE.test(node.text) && isOnScreen(node)) found.sentences.push(`${place()}: ${node.text}`);
    } else if (ts.isJsxText(node)) {
      if (SENTENCE.test(node.text)) found.sentences.push(`${place()}: ${node.text.trim()}`);
    } else if (ts.isTemplateExpression(node)) {
      found.prefixes.push(node.head.text);
      const fixed = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
      if (fixed.some((part) => SENTENCE.test(part)) && isOnScreen(node))
        found.sentences.push(`${place()}: ${node.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Scans src/ and bin/. */
export function scanSources(): SourceScan {
  const scans = [...sourceFiles('src'), ...sourceFiles('bin')].map((path) =>
    scanText(relative('.', path), readFileSync(join(root, path), 'utf8')),
  );
  return {
    literals: new Set(scans.flatMap((scan) => scan.literals)),
    prefixes: new Set(scans.flatMap((scan) => scan.prefixes)),
    keys: new Map(scans.flatMap((scan) => scan.keys)),
    sentences: scans.flatMap((scan) => scan.sentences),
  };
}
