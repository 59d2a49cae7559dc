// Folder directions: meta <- lib <- agent | bootstrap | wal | health <- cli. docs/architecture.md shows them as a picture.
const pure =
  '^(meta/|agent/(snapshot|table|steps|reasons|decide|rules/)|bootstrap/(plan|goal|goals/|facts|invariants|spec|reports))';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'meta-stands-alone',
      severity: 'error',
      from: { path: '^meta/' },
      to: { path: '^(agent|bootstrap|cli|health|lib|wal)/' },
    },
    {
      name: 'lib-knows-no-program',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(agent|bootstrap|cli|health|wal)/' },
    },
    {
      name: 'agent-stands-apart',
      severity: 'error',
      from: { path: '^agent/' },
      to: { path: '^(bootstrap|cli|health|wal)/' },
    },
    {
      name: 'bootstrap-stands-apart',
      severity: 'error',
      from: { path: '^bootstrap/' },
      to: { path: '^(agent|cli|health|wal)/' },
    },
    {
      name: 'wal-stands-apart',
      severity: 'error',
      from: { path: '^wal/' },
      to: { path: '^(agent|bootstrap|cli|health)/' },
    },
    {
      name: 'health-stands-apart',
      severity: 'error',
      from: { path: '^health/' },
      to: { path: '^(agent|bootstrap|cli|wal)/' },
    },
    {
      name: 'programs-never-import-tests',
      severity: 'error',
      from: { path: '^(agent|bootstrap|cli|health|lib|meta|wal)/' },
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
      from: { path: '^(agent|bootstrap|cli|health|lib|meta|wal)/', pathNot: '^lib/host/' },
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
