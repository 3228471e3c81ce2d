// A star catalogue that cannot be used: absent, cut short, changed.
import { CodedError } from '../../errors.js';

export class CatalogueError extends CodedError {}
