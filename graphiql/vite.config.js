import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const LICENCES = 'licences.md';

/** The gateway sends the files as they are stored, so they are compressed once, here. */
const compressed = {
  name: 'compressed',
  writeBundle({ dir }, bundle) {
    // packages within Monaco have their own notices
    appendFileSync(join(dir, LICENCES), readFileSync('node_modules/monaco-editor/ThirdPartyNotices.txt'));
    for (const name of Object.keys(bundle)) {
      const path = join(dir, name);
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      rmSync(path);
    }
  },
};

export default defineConfig({
  plugins: [compressed],
  // The page is at /graphiql, so its files are one level below. The files refer to each other by relative paths.
  experimental: {
    renderBuiltUrl: (name, { hostType }) => (hostType === 'html' ? `graphiql/${name}` : { relative: true }),
  },
  build: {
    outDir: '../src/ordergraph/server/static/graphiql',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    license: { fileName: LICENCES },
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
