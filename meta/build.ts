// What this build is. The values are put in by scripts/build.ts; run from source there are none.
declare const CFHA_VERSION: string | undefined;
declare const CFHA_COMMIT: string | undefined;

export const version = typeof CFHA_VERSION === 'undefined' ? '0.0.0-source' : CFHA_VERSION;
export const commit = typeof CFHA_COMMIT === 'undefined' ? 'source' : CFHA_COMMIT;
