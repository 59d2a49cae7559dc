export default {
  testEnvironment: 'node',
  // A slow machine fails no test: what a test waits for has a limit of its own.
  testTimeout: 120_000,
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/{unit,contract}/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest-transform.cjs' },
};
