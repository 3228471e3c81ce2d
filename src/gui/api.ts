// What page and server say to each other: types alone, so that both sides can import it.
import type { CodedMessage } from '../config/errors.js';
import type { Provenance } from '../config/origin.js';
import type { Row } from '../config/row.js';
import type { KeptArtifact } from '../report/events.js';
import type { RunReport } from '../report/run-report.js';

/** Values of the form by key, as they stand in the configuration file. */
export type FormValues = Readonly<Record<string, unknown>>;

/** A row of the configuration as the form needs it. */
export type FormRow = Pick<Row, 'key' | 'kind' | 'default' | 'group' | 'unit' | 'schema' | 'helpKey'> & {
  /** Nobody's to read: a value that is set comes as the mask, and the mask given back means that value. */
  readonly secret: boolean;
};

/** What is wrong with a key, and what deserves notice. */
export interface Check {
  readonly issues: readonly (CodedMessage & { readonly key: string })[];
  readonly notices: readonly CodedMessage[];
}

/** A configuration file as the form shows it. */
export interface LoadedForm extends Check {
  readonly path: string;
  readonly exists: boolean;
  readonly values: FormValues;
  readonly provenance: Provenance | Readonly<Record<string, never>>;
}

export interface SessionInfo {
  readonly version: string;
  readonly rows: readonly FormRow[];
  readonly form: LoadedForm;
  /** Set when the configuration file cannot be used; the form then shows the defaults. */
  readonly problem?: CodedMessage;
  readonly language: string;
  readonly languages: readonly string[];
  readonly home: string;
}

/** A folder of this machine with what can be chosen in it. */
export interface FolderListing {
  readonly path: string;
  /** null at the top. */
  readonly parent: string | null;
  readonly folders: readonly string[];
  /** FITS files that stand in it directly. */
  readonly fits: number;
  readonly writable: boolean;
}

/** A run that this machine knows of. */
export interface KnownRun {
  readonly runId: string;
  readonly outputDir: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly pid: number;
  readonly live: boolean;
}

/** What a look at one frame's pixels shows. */
export interface FrameLook {
  /** PNG as base64, at most 320 px wide. */
  readonly thumbnail: string;
  readonly stars?: number;
  readonly fwhmPx?: number;
  readonly ellipticity?: number;
  readonly background?: number;
  readonly noise?: number;
  readonly reason?: CodedMessage;
}

/** An image that the viewer can show: a layer of a science file. */
export interface ImageLayer {
  /** MOSAIC, COVERAGE, UNCERTAINTY, or another extension's name. */
  readonly name: string;
  readonly hdu: number;
  readonly planes: number;
  readonly unit: string;
}

export interface ImageInfo {
  readonly path: string;
  readonly nx: number;
  readonly ny: number;
  readonly tileSize: number;
  /** Level k is binned by 2^k; the last level fits one tile. */
  readonly levels: number;
  readonly layers: readonly ImageLayer[];
  readonly wcs?: {
    readonly crval: readonly [number, number];
    readonly crpix: readonly [number, number];
    readonly cd: readonly [number, number, number, number];
  };
}

/** Values of a layer at a small size, for sliders to start from. */
export interface LayerStatistics {
  readonly planes: readonly {
    readonly sky: number;
    readonly sigma: number;
    readonly low: number;
    readonly high: number;
    readonly histogram: readonly number[];
  }[];
  /** The preview's own stretch. */
  readonly stretch?: {
    readonly sky: readonly number[];
    readonly gains: readonly number[];
    readonly black: number;
    readonly white: number;
    readonly asinhA: number;
  };
}

/** A star of the catalogue in the image, FITS pixel coordinates. */
export interface CatalogueStarMark {
  readonly x: number;
  readonly y: number;
  readonly mag: number;
  /** Where the image shows it, null where it does not; absent where nobody looked. */
  readonly found?: readonly [number, number] | null;
}

/** What stands in an output folder. */
export interface Results {
  readonly dir: string;
  readonly report?: RunReport;
  readonly sciencePath?: string;
  /** What `zemosaic clean` would remove here. */
  readonly artifacts: readonly KeptArtifact[];
  readonly disk: { readonly freeBytes: number };
}

/** Disk that a run's temporary files take now. */
export interface RunDisk {
  readonly temporaryBytes: number;
  readonly freeBytes: number;
}
