import { expect, test } from '@jest/globals';
import { sourcesFor } from '../../testbed/apt-sources.ts';

const pockets = ['', '-updates', '-security'];
const stanzas = {
  path: '/etc/apt/sources.list.d/debian.sources',
  text: `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://other.example
Suites: stable
Components: main
`,
};
const lines = {
  path: '/etc/apt/sources.list',
  text: `# deb http://old.example bookworm main
deb [signed-by=/k.gpg] http://mirror.example/debian-security bookworm-security main
deb http://vendor.example/apt bookworm-pgdg main
deb-src http://mirror.example/debian bookworm main
`,
};

test('the machine’s Debian sources are kept, those of others are not', () => {
  expect(sourcesFor({ suite: 'bookworm', own: 'bookworm', pockets }, [stanzas, lines])).toBe(`Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /k.gpg
`);
});

test('another suite takes the place of the machine’s, without the pockets that are not wanted', () => {
  const text = sourcesFor({ suite: 'trixie', own: 'bookworm', pockets: ['', '-updates'] }, [stanzas, lines]);
  expect(text).toContain('Suites: trixie trixie-updates\n');
  expect(text).not.toContain('security');
});

test('a stanza that is switched off is left out', () => {
  const off = { ...stanzas, text: stanzas.text.replace('Types: deb deb-src', 'Enabled: no\nTypes: deb') };
  expect(sourcesFor({ suite: 'bookworm', own: 'bookworm', pockets }, [off])).toBe('');
});
