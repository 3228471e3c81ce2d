/** What cells ask of samples on their way in and out. Addresses and sizes in bytes unless told; sources in `../assembly/`. */
export interface CellPasses {
  storeWords(at: number, count: number): number;
  settleStack(
    mean: number,
    weight: number,
    used: number,
    coverage: number,
    count: number,
    blankLimit: number,
  ): number;
  deviations(at: number, count: number): void;
  addPhotons(
    sigma: number,
    values: number,
    slopes: number,
    constants: number,
    first: number,
    count: number,
    step: number,
    least: number,
  ): void;
}
