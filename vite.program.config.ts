// Joins the built program and the packages that a start needs into a few files, dist/program: Node takes several times as long to load their thousand
// modules one by one. Packages with files of their own, and those that few runs need, stay outside.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { defineConfig, type Plugin } from 'vite';
import type * as Validator from './src/config/validator.js';

const PROGRAM = path.join(import.meta.dirname, 'dist/program');
const MAIN = path.join(import.meta.dirname, 'dist/cli/main.js');
const MEASURE_WORKER = path.join(import.meta.dirname, 'dist/frames/measure-worker.js');
const PRODUCT_WORKER = path.join(import.meta.dirname, 'dist/pipeline/product-work/product-worker.js');
const KERNEL_WORKER = path.join(import.meta.dirname, 'dist/cpu-fallback/wasm/kernel-worker.js');
const VALIDATOR = path.join(import.meta.dirname, 'dist/config/validator.js');

/** A module's own address stays that of the file it was written in: what it looks up from there (data, locales, workers) does not move. */
const ownAddress: Plugin = {
  name: 'own-address',
  transform(code, id) {
    if (!code.includes('import.meta.url') || id.includes('node_modules')) return undefined;
    const own = path.relative(PROGRAM, id).split(path.sep).join('/');
    return { code: code.replaceAll('import.meta.url', `new URL('${own}', import.meta.url).href`), map: null };
  },
};

/** The function that ajv makes of the configuration's schema, in place of ajv. */
const compiledSchema: Plugin = {
  name: 'compiled-schema',
  async transform(_, id) {
    if (path.resolve(id) !== VALIDATOR) return undefined;
    const { compileConfigSchema } = (await import(pathToFileURL(VALIDATOR).href)) as typeof Validator;
    const { ajv, validate } = compileConfigSchema({ source: true, esm: true });
    const imports: string[] = [];
    const code = standaloneCode.default(ajv, validate).replaceAll(/require\("([^"]+)"\)/g, (_call, file) => {
      const name = `imported${imports.length}`;
      imports.push(`import ${name} from '${file}.js';`);
      return name;
    });
    return {
      code: `${imports.join('\n')}\n${code}\nexport const configValidator = () => validate;`,
      map: null,
    };
  },
  generateBundle() {
    for (const id of this.getModuleIds())
      if (/ajv.dist.(core|2020)/.test(id)) this.error(`${id}: the schema was to be compiled by now`);
  },
};

/** What string-width makes as it is loaded, the set of all emoji (20 ms) and what tells characters apart (13 ms): made when the width of a text asks for it. */
const lateWidths: Plugin = {
  name: 'late-widths',
  transform(code, id) {
    if (!/string-width.index\.js$/.test(id)) return undefined;
    return {
      code: code
        .replaceAll('rgiEmojiRegex.', 'rgiEmojiRegex().')
        .replace(
          /^const rgiEmojiRegex = (.*);$/m,
          'let rgiEmoji;\nconst rgiEmojiRegex = () => (rgiEmoji ??= $1);',
        )
        .replaceAll('segmenter.', 'segmenter().')
        .replace(/^const segmenter = (.*);$/m, 'let segments;\nconst segmenter = () => (segments ??= $1);'),
      map: null,
    };
  },
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type === 'chunk' && /^(var|const) \w+ = (\/.*RGI_Emoji|new Intl\.)/m.test(file.code))
        this.error('the set of all emoji is compiled, or a format made, as the program is loaded');
    }
  },
};

/** What packages do at every start for nobody: a text of each, and what stands in its place. */
const IDLE: readonly {
  readonly file: RegExp;
  readonly texts: readonly (readonly [string | RegExp, string])[];
}[] = [
  // how each function of yargs is called is looked at, by a description that is taken apart anew each time: 2 MB of garbage for the options of a run; types have looked before
  {
    file: /yargs.build.lib.argsert\.js$/,
    texts: [[/^export function argsert[^]*?\n}$/m, 'export function argsert() {}']],
  },
  // the version of whatever package is found above; it is told later
  { file: /yargs.build.lib.yargs-factory\.js$/, texts: [['    yargs.version();\n', '']] },
  // a module of Node that is needed where a bar is drawn
  {
    file: /cli-progress.lib.terminal\.js$/,
    texts: [
      ["const _readline = require('readline');\n", ''],
      [/\b_readline\./g, "process.getBuiltinModule('readline')."],
    ],
  },
];

const idlePackages: Plugin = {
  name: 'idle-packages',
  transform(code, id) {
    const found = IDLE.find(({ file }) => file.test(id));
    if (!found) return undefined;
    for (const [text, instead] of found.texts) {
      const changed = code.replace(text, instead);
      if (changed === code) this.error(`${id}: there is no ${text}`);
      code = changed;
    }
    return { code, map: null };
  },
  generateBundle(_, files) {
    for (const { file } of IDLE)
      if (![...this.getModuleIds()].some((id) => file.test(id))) this.error(`no module is ${file}`);
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk' || !/^(main|compose)\b/.test(file.fileName)) continue;
      const loaded = /require\("(node:)?(child_process|readline)"\)/.exec(file.code);
      if (loaded) this.error(`${file.fileName}: ${loaded[0]}`);
    }
  },
};

/**
 * CommonJS, of which V8's code can be kept (bin/load-program.cjs), in a folder that says so; and of ASCII alone, which V8 reads as it lies there. No text between
 * backquotes is taken raw where it has other characters. Node 20 imports nothing for code that was kept: what loads it does (`module.import`).
 */
const plainScripts: Plugin = {
  name: 'plain-scripts',
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk') continue;
      const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
      file.code = file.code
        .replaceAll(/[^\0-\x7f]/g, escape)
        .replaceAll(/\bimport\((?="[^"]+"\))/g, '(module.import ?? ((name) => import(name)))(')
        // the bundler would copy each module of Node, a function for all that it exports
        .replaceAll(
          /\b(node_\w+) = \S*__toESM\(\1, 1\);/g,
          '$1 = Object.create($1, { default: { value: $1 } });',
        );
    }
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/**
 * The bundler's own helpers lie in the main chunk, which others load whether they use them or not: threads must not, that is 70 ms of a processor for each.
 */
const leanThreads: Plugin = {
  name: 'lean-threads',
  generateBundle(_, files) {
    let loaded: Set<string>;
    const load = (name: string) => {
      const file = files[name];
      if (loaded.has(name) || file?.type !== 'chunk') return;
      loaded.add(name);
      file.code = file.code.replace(/^require\("\.\/main\.js"\);\n/m, '');
      for (const [, part] of file.code.matchAll(/require\("\.\/([^"]+)"\)/g)) load(part);
    };
    for (const thread of ['measure-worker.js', 'product-worker.js', 'kernel-worker.js']) {
      loaded = new Set();
      load(thread);
      if (loaded.has('main.js')) this.error(`${thread}: a thread loads the whole program`);
    }
  },
};

export default defineConfig({
  publicDir: false,
  plugins: [compiledSchema, ownAddress, lateWidths, idlePackages, leanThreads, plainScripts],
  ssr: { noExternal: true, external: ['gpu.js', 'unbzip2-stream', 'webgpu'] },
  build: {
    ssr: true,
    outDir: PROGRAM,
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rollupOptions: {
      // threads of many loads: what they need comes to lie in chunks of its own, which both use
      input: [MAIN, MEASURE_WORKER, PRODUCT_WORKER, KERNEL_WORKER],
      output: {
        format: 'cjs',
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
        comments: false,
      },
      // yargs resolves by it what a configuration of its own would extend
      checks: { emptyImportMeta: false },
    },
  },
});
