// Folder directions: meta <- lib <- agent | bootstrap <- verify <- cli; of cli, verify knows how a region is read (cli/region). docs/architecture.md shows them as a picture.
const pure =
  '^(meta/|agent/(snapshot|table|steps|reasons|decide|rules/)|bootstrap/(plan|goal|goals/|facts|invariants|spec|reports)|verify/(checks|checks/|facts|judgement|cib-words|node-script|read-|static-text|drills/|measure/|report/))';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'meta-stands-alone',
      severity: 'error',
      from: { path: '^meta/' },
      to: { path: '^(agent|bootstrap|cli|lib|verify)/' },
    },
    {
      name: 'lib-knows-no-program',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(agent|bootstrap|cli|verify)/' },
    },
    {
      name: 'agent-stands-apart',
      severity: 'error',
      from: { path: '^agent/' },
      to: { path: '^(bootstrap|cli|verify)/' },
    },
    {
      name: 'bootstrap-stands-apart',
      severity: 'error',
      from: { path: '^bootstrap/' },
      to: { path: '^(agent|cli|verify)/' },
    },
    {
      name: 'verify-reads-regions-as-cli-does',
      severity: 'error',
      from: { path: '^verify/' },
      to: { path: '^(agent/|cli/(?!region/))' },
    },
    { name: 'region-knows-no-drill', severity: 'error', from: { path: '^cli/region/' }, to: { path: '^verify/' } },
    {
      name: 'programs-never-import-tests',
      severity: 'error',
      from: { path: '^(agent|bootstrap|cli|lib|meta|verify)/' },
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
      from: { path: '^(agent|bootstrap|cli|lib|meta|verify)/', pathNot: '^lib/host/' },
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
