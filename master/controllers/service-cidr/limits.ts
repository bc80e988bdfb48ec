/** Bounds of the ServiceCIDR controller; the figure is Kubernetes'. */

/** A deleted range stays this long, so that whoever hands out addresses hears of it before it is gone. */
export const deletionGraceMs = 10_000;
