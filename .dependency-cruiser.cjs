// Folder directions: meta <- lib <- agent | bootstrap | global <- cli. docs/architecture.md shows them as a picture.
const pure =
  '^(meta/|agent/(snapshot|table|steps|reasons|decide|rules/)|bootstrap/(plan|goal|goals/|facts|invariants|spec|reports)|global/rules/)';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'meta-stands-alone',
      severity: 'error',
      from: { path: '^meta/' },
      to: { path: '^(agent|bootstrap|cli|global|lib)/' },
    },
    {
      name: 'lib-knows-no-program',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(agent|bootstrap|cli|global)/' },
    },
    {
      name: 'agent-stands-apart',
      severity: 'error',
      from: { path: '^agent/' },
      to: { path: '^(bootstrap|cli|global)/' },
    },
    {
      name: 'bootstrap-stands-apart',
      severity: 'error',
      from: { path: '^bootstrap/' },
      to: { path: '^(agent|cli|global)/' },
    },
    {
      name: 'global-stands-apart',
      severity: 'error',
      from: { path: '^global/' },
      to: { path: '^(agent|bootstrap|cli)/' },
    },
    {
      name: 'programs-never-import-tests',
      severity: 'error',
      from: { path: '^(agent|bootstrap|cli|global|lib|meta)/' },
      to: { path: '^(test|scripts)/' },
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
      from: { path: '^(agent|bootstrap|cli|global|lib|meta)/', pathNot: '^lib/host/' },
      to: { path: '(^node:)?child_process$|node_modules/execa' },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      from: { pathNot: '^cli/entry' },
      to: { path: '^(agent|cli)/main\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
