// One executable, two programs: called as cfpgsql it is the resource agent, as anything else cfha.
import { basename } from 'node:path';

if (basename(process.argv0) === 'cfpgsql') void import('../agent/main.ts').then(({ main }) => main());
else void import('./main.ts').then(({ main }) => main());
