// The two sites, by what they are when all is well.
export const siteNames = ['first', 'second'] as const;
export type SiteName = (typeof siteNames)[number];

export function otherSite(site: SiteName): SiteName {
  return site === 'first' ? 'second' : 'first';
}
