// The two sites, by what they are when all is well.
/** The file that makes a host a site. */
export const configFile = '/etc/cfha/global.yaml';

export const siteNames = ['first', 'second'] as const;
export type SiteName = (typeof siteNames)[number];

export function otherSite(site: SiteName): SiteName {
  return site === 'first' ? 'second' : 'first';
}
