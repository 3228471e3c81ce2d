// The one error class of the WCS room. Its code is the reason, and the key of the text that a person reads.
import { CodedError, type ErrorParams } from '../../errors.js';

/** Why a header holds no usable celestial WCS, or why an operation on a WCS is impossible. */
export type WcsReason =
  | 'wcs_no_celestial_axes'
  | 'wcs_axes_mismatch'
  | 'wcs_projection_unknown'
  | 'wcs_value_not_number'
  | 'wcs_value_out_of_range'
  | 'wcs_matrix_singular'
  | 'wcs_scale_missing'
  | 'wcs_unit_unknown'
  | 'wcs_parameter_unknown'
  | 'wcs_parameter_invalid'
  | 'wcs_pole_undefined'
  | 'wcs_distortion_unknown'
  | 'wcs_lookup_missing'
  | 'wcs_lookup_invalid'
  | 'wcs_sip_incomplete'
  | 'wcs_frame_not_convertible'
  | 'wcs_not_writable';

/** A header without a valid celestial WCS, or a WCS that cannot do what is asked; `reason` says which rule was broken. */
export class WcsError extends CodedError {
  readonly reason: WcsReason;

  constructor(reason: WcsReason, params: ErrorParams = {}, options?: ErrorOptions) {
    super(reason, params, options);
    this.reason = reason;
  }
}
