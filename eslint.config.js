import tseslint from 'typescript-eslint';

const names = ['utils', 'helpers', 'common', 'manager'];

/** docs/decisions/0017: settings, limits and the reading of types belong to a session from its beginning. */
const sessions = [
  ['NewExpression[callee.name=/^(Client|Pool)$/]', 'open() of lib/postgres/session.ts opens sessions'],
  ['NewExpression[callee.property.name=/^(Client|Pool)$/]', 'open() of lib/postgres/session.ts opens sessions'],
  ['ImportExpression[source.value="pg"]', 'only lib/postgres/session.ts loads pg'],
  ['ImportDeclaration[source.value="pg"]', 'only lib/postgres/session.ts loads pg'],
  ['Literal[value=/\\\\gset/]', 'psql may not read what a server has answered'],
  ['TemplateElement[value.cooked=/\\\\gset/]', 'psql may not read what a server has answered'],
];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'coverage/',
      'test/recordings/',
      '*.cjs',
      'scripts/*.cjs',
      'eslint.config.js',
      'jest.config.js',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: false }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A switch counts once: an exhaustive one over a union is a table, not a maze.
      complexity: ['error', { max: 8, variant: 'modified' }],
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-syntax': [
        'error',
        ...names.map((n) => ({ selector: `ImportDeclaration[source.value=/\\/${n}\\.ts$/]`, message: `no "${n}"` })),
      ],
    },
  },
  {
    files: ['agent/**', 'bootstrap/**', 'cli/**', 'global/**', 'health/**', 'lib/**', 'meta/**', 'verify/**', 'wal/**'],
    ignores: ['**/main.ts', 'cli/entry.ts', 'lib/host/**'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'only main.ts and lib/host/ touch the process' }],
    },
  },
  {
    files: ['agent/**', 'bootstrap/**', 'cli/**', 'global/**', 'health/**', 'lib/**', 'meta/**', 'verify/**', 'wal/**'],
    ignores: ['lib/host/clock.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message: 'monotonicMs() measures, timeOfDayMs() tells the time: lib/host/clock.ts',
        },
      ],
    },
  },
  {
    files: ['agent/**', 'bootstrap/**', 'cli/**', 'global/**', 'health/**', 'lib/**', 'meta/**', 'verify/**', 'wal/**'],
    ignores: ['lib/postgres/session.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...names.map((n) => ({ selector: `ImportDeclaration[source.value=/\\/${n}\\.ts$/]`, message: `no "${n}"` })),
        ...sessions.map(([selector, message]) => ({ selector, message })),
      ],
    },
  },
  // Declarations, one after the other.
  { files: ['meta/parameters.ts'], rules: { 'max-lines': 'off' } },
  {
    files: ['test/**', 'scripts/**'],
    rules: { 'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }] },
  },
);
