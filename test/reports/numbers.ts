// The reports that there are; each has a case.

/** Numbers that are missing were found to be no reports. */
export const numbers: readonly number[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25],
  ...[29, 30, 31, 32, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48],
  // Seen on nodes, in what cfha and the agent report.
  ...[50, 51, 52, 53, 54, 55, 56, 57, 58],
];
