// Where the passwords of a region stand in its file.

export type Path = readonly (string | number)[];

export const secretPlaces = {
  replication: ['postgres', 'replication', 'password'],
  owner: ['postgres', 'database', 'password'],
  source: ['postgres', 'source', 'clone', 'password'],
  quorum: ['quorum', 'password'],
} as const satisfies Record<string, Path>;

/** Of the device that the file gives no name. */
export const onlyDevicePassword: Path = ['fencing', 'password'];

/** Of one of several, by its place in the list. */
export const devicePassword = (index: number): Path => ['fencing', 'devices', index, 'password'];
