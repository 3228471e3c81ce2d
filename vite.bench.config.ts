// Joins the GPU bench with the kernel suites into build/bench, beside which only dist, Node and a user's packages are needed: for machines that have a
// GPU and nothing else.
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const BENCH = path.join(import.meta.dirname, 'build/bench');
const SOURCE = path.join(import.meta.dirname, 'src');
const DIST = path.join(import.meta.dirname, 'dist');

/** The program's own modules stay outside, as the build has made them. */
const builtModules: Plugin = {
  name: 'built-modules',
  enforce: 'pre',
  resolveId(id, importer) {
    if (!importer || !id.startsWith('.')) return undefined;
    const at = path.resolve(path.dirname(importer), id);
    if (!at.startsWith(SOURCE + path.sep)) return undefined;
    const built = path.join(DIST, path.relative(SOURCE, at));
    return { id: path.relative(BENCH, built).split(path.sep).join('/'), external: true };
  },
};

export default defineConfig({
  publicDir: false,
  plugins: [builtModules],
  resolve: { alias: { vitest: path.join(import.meta.dirname, 'tests/gpu/deno/expect.ts') } },
  ssr: { noExternal: true },
  build: {
    ssr: path.join(import.meta.dirname, 'tests/bench/gpu.ts'),
    outDir: BENCH,
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rollupOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
  },
});
