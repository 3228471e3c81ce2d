// The error of this room: everything wrong with a FITS file, told by code and values.
import { CodedError } from '../errors.js';

/** A FITS file (or a request about one) that cannot be honoured; `code` is a `fits_...` key of `locales/`. */
export class FitsError extends CodedError {}
