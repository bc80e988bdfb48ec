/** How often each quota is counted anew even when nothing seems to have changed. */
export const resyncMs = 5 * 60 * 1000;
export const quotaWorkers = 2;
