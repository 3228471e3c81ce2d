// How samples are rejected.
export const KEEP_ALL: u32 = 0;
export const KAPPA_SIGMA: u32 = 1;
export const WINSORISED: u32 = 2;
