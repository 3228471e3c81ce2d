// Builds the window's page into dist/gui/page. `oxc` turns TSX into Preact's calls; nothing is fetched from anywhere at run time.
import path from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: path.join(import.meta.dirname, 'src/gui/page'),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: path.join(import.meta.dirname, 'dist/gui/page'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    // Nothing inline: the page's own policy forbids it.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});
