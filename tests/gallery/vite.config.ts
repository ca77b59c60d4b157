import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the gallery: the scene and the curvature views drawn from fixtures, for its browser tests and screenshots. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../output/gallery', import.meta.url)),
    emptyOutDir: true,
    // The pages wait for their language before they draw.
    target: 'es2022',
    rolldownOptions: {
      input: ['index.html', 'curvature.html'].map((page) => fileURLToPath(new URL(page, import.meta.url))),
    },
    chunkSizeWarningLimit: 2_000,
  },
  logLevel: 'warn',
});
