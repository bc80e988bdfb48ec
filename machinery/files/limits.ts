/** Bounds of files. */

/** A file that is followed is looked at this often. */
export const followedFilePollMs = 5000;
