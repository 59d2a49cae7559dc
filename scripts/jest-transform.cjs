// Jest runs TypeScript by stripping its types with esbuild; types are checked by tsc, not here.
const { transformSync } = require('esbuild');
exports.process = (source, path) => {
  const out = transformSync(source, {
    loader: 'ts',
    format: 'esm',
    target: 'node26',
    sourcemap: 'inline',
    sourcefile: path,
  });
  return { code: out.code };
};
