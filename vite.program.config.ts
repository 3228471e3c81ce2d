// Joins the built program into a few files, dist/program: Node takes several times as long to load its four hundred modules one by one. Packages stay
// outside.
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const PROGRAM = path.join(import.meta.dirname, 'dist/program');

/** A module's own address stays that of the file it was written in: what it looks up from there (data, locales, workers) does not move. */
const ownAddress: Plugin = {
  name: 'own-address',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return undefined;
    const own = path.relative(PROGRAM, id).split(path.sep).join('/');
    return { code: code.replaceAll('import.meta.url', `new URL('${own}', import.meta.url).href`), map: null };
  },
};

export default defineConfig({
  publicDir: false,
  plugins: [ownAddress],
  build: {
    ssr: path.join(import.meta.dirname, 'dist/cli/main.js'),
    outDir: PROGRAM,
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rollupOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
  },
});
