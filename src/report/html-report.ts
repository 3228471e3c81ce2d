// The report that a person reads: one page without scripts and without anything from elsewhere.
import type { CodedMessage } from '../config/errors.js';
import type { Messages } from './messages.js';
import type { ProductQuality } from './product-quality.js';
import type { RunReport } from './run-report.js';
import { svgMap, type Dot } from './svg-map.js';

export interface HtmlReport {
  readonly name: string;
  readonly used: number;
  readonly total: number;
  readonly rejected: readonly { readonly path: string; readonly reason: CodedMessage }[];
  /** Frames that were placed by their stars. */
  readonly solved?: RunReport['inputs']['solved'];
  readonly quality: ProductQuality;
  readonly map: {
    readonly nx: number;
    readonly ny: number;
    readonly outlines: readonly Float64Array[];
    /** Steps at edges over three sigmas of a pixel; deviations of star fluxes over 10 %; noise over its median less 1. */
    readonly seams: readonly Dot[];
    readonly stars: readonly Dot[];
    readonly noise: readonly Dot[];
  };
}

/** The page, in the language of `messages`. */
export function htmlReport(report: HtmlReport, messages: Messages): string {
  const { t } = messages;
  const { quality, map } = report;
  const { astrometry } = quality;
  const figure = (value: number | null) => (value === null ? '–' : escape(messages.number(value, 3)));
  const row = (cells: readonly string[], tag = 'td') =>
    `<tr>${cells.map((c) => `<${tag}>${c}</${tag}>`).join('')}</tr>`;
  const text = (key: string) => escape(t(key));
  const channels = quality.channels.map(({ name, zero_point, seam, noise }) =>
    row([
      name,
      figure(zero_point.scatter_percent),
      figure(zero_point.flatness_percent),
      figure(seam.step_adu),
      figure(seam.worst_over_noise),
      figure(noise.halves_chi2),
      figure(noise.over_ideal),
    ]),
  );
  const picture = (key: string, dots: readonly Dot[]) =>
    `<figure>${svgMap(map.nx, map.ny, map.outlines, dots)}<figcaption>${text(key)}</figcaption></figure>`;
  const solved = new Map(report.solved?.map((frame) => [frame.path, frame]));
  /** `–` for a frame whose header says where it lies. */
  const placed = (path: string): string => {
    const found = solved.get(path);
    if (!found) return '–';
    const by = found.by === undefined ? '' : ` (${escape(found.by)})`;
    return `${escape(messages.number(found.matched))} ${figure(found.rms_px)}${by}`;
  };
  const frames = quality.frames.map((frame) =>
    row([
      escape(frame.path),
      placed(frame.path),
      escape(messages.number(frame.stars)),
      frame.shift_px.map(figure).join(' '),
      figure(frame.rms_px),
      frame.noise_adu.map(figure).join(' '),
      frame.gain.map(figure).join(' '),
    ]),
  );
  const rejected = report.rejected.map(({ path, reason }) =>
    row([escape(path), escape(messages.message(reason))]),
  );
  return `<!doctype html>
<html lang="${messages.language}"><head><meta charset="utf-8"><title>${escape(report.name)}</title>
<style>body{font:15px/1.45 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}
td,th{border:1px solid #aaa;padding:.2rem .6rem;text-align:right}td:first-child,th:first-child{text-align:left}
figure{display:inline-block;margin:.5rem 1rem .5rem 0}figcaption{max-width:35rem}</style></head><body>
<h1>${escape(report.name)}</h1>
<p>${escape(t('report_html_frames', { used: report.used, total: report.total }))}</p>
${rejected.length > 0 ? `<table>${rejected.join('')}</table>` : ''}
<h2>${text('report_html_figures')}</h2>
<table>${row(['report_html_frame_shift', 'report_html_star_rms', 'report_html_catalogue'].map(text), 'th')}
${row([figure(astrometry.frame_shift_rms_px), figure(astrometry.star_rms_px), figure(astrometry.catalogue?.rms_arcsec ?? null)])}</table>
<table>${row(['report_html_channel', 'report_html_scatter', 'report_html_flatness', 'report_html_seam', 'report_html_seam_worst', 'report_html_chi2', 'report_html_ideal'].map(text), 'th')}
${channels.join('\n')}</table>
<h2>${text('report_html_maps')}</h2>
${picture('report_html_map_seams', map.seams)}
${picture('report_html_map_stars', map.stars)}
${picture('report_html_map_noise', map.noise)}
<h2>${text('report_html_frame_table')}</h2>
<table>${row(['report_html_file', 'report_html_placed', 'report_html_stars', 'report_html_shift', 'report_html_star_rms', 'report_html_noise', 'report_html_gain'].map(text), 'th')}
${frames.join('\n')}</table>
</body></html>
`;
}

function escape(value: string): string {
  return value.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
}
