// Folder directions. docs/architecture.md shows them as a picture.

/** What each folder may import of the others. */
const may = {
  meta: [],
  lib: ['meta'],
  agent: ['lib', 'meta'],
  bootstrap: ['lib', 'meta'],
  wal: ['lib', 'meta'],
  global: ['lib', 'meta'],
  health: ['lib', 'meta'],
  verify: ['bootstrap', 'cli', 'global', 'lib', 'meta'],
  cli: ['agent', 'bootstrap', 'global', 'health', 'lib', 'meta', 'verify', 'wal'],
};
const folders = Object.keys(may);
const programs = `^(${folders.join('|')})/`;
const pure =
  '^(meta/|packaging/(contents|deb|rpm)|agent/(snapshot|table|steps|reasons|decide|rules/)|bootstrap/(plan|goal|goals/|facts|invariants|spec|reports)|global/rules/|verify/(checks|checks/|facts|judgement|cib-words|node-script|read-|static-text|drills/|measure/|report/|pair/(checks|drills|seen|site-script)))';

const directions = folders.flatMap((folder) => {
  const closed = folders.filter((other) => other !== folder && !may[folder].includes(other));
  const to = { path: `^(${closed.join('|')})/` };
  return closed.length === 0
    ? []
    : [{ name: `directions-of-${folder}`, severity: 'error', from: { path: `^${folder}/` }, to }];
});

module.exports = {
  forbidden: [
    ...directions,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      // of cli, verify knows how a region is read
      name: 'verify-reads-regions-as-cli-does',
      severity: 'error',
      from: { path: '^verify/' },
      to: { path: '^cli/(?!region/)' },
    },
    { name: 'region-knows-no-drill', severity: 'error', from: { path: '^cli/region/' }, to: { path: '^verify/' } },
    {
      name: 'programs-never-import-tests',
      severity: 'error',
      from: { path: programs },
      to: { path: '^(test|scripts)/' },
    },
    {
      // of bootstrap, packages know where things are on a node
      name: 'packages-know-paths-only',
      severity: 'error',
      from: { path: '^packaging/' },
      to: { path: '^(agent|bootstrap/(?!paths)|cli|global|health|lib|meta|verify|wal)' },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: pure, pathNot: '^bootstrap/spec' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    {
      name: 'one-door-to-processes',
      severity: 'error',
      from: { path: programs, pathNot: '^lib/host/' },
      to: { path: '(^node:)?child_process$|node_modules/execa' },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      from: { pathNot: '^cli/(entry|commands/wal)' },
      to: { path: '^(agent|cli|wal)/main\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
