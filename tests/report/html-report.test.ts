// The report page: whole, in every language, with the figures in it, and closed to what file names may carry.
import { expect, test } from 'vitest';
import { htmlReport, type HtmlReport } from '../../src/report/html-report.js';
import { LANGUAGES } from '../../src/report/language.js';
import { createMessages } from '../../src/report/messages.js';
import { svgMap } from '../../src/report/svg-map.js';

const report: HtmlReport = {
  name: 'night <1>',
  used: 2,
  total: 3,
  rejected: [
    {
      path: '<script>alert(1)</script>.fit',
      reason: { code: 'frames_reject_constant', params: { value: 0 } },
    },
  ],
  solved: [{ path: 'b.fit', matched: 44, rms_px: 0.147, by: 'A<S>TAP' }],
  quality: {
    astrometry: {
      stars: 9,
      star_rms_px: 0.123,
      frame_shift_rms_px: null,
      frame_shift_worst_px: null,
      catalogue: null,
    },
    channels: [
      {
        name: 'L',
        zero_point: { stars: 9, scatter_percent: 1.25, flatness_percent: null },
        seam: { places: 4, step_adu: 2.5, worst_adu: 3, worst_over_noise: 0.75 },
        noise: {
          squares: 5,
          stated_adu: 4,
          scatter_adu: 5,
          halves_chi2: 0.985,
          halves_aperture_chi2: 2,
          over_ideal: 1.015,
        },
      },
    ],
    frames: ['a.fit', 'b.fit'].map((path) => ({
      path,
      stars: 9,
      shift_px: [0.011, -0.022],
      rms_px: 0.1,
      gain: [1],
      noise_adu: [9],
    })),
  },
  map: {
    nx: 200,
    ny: 100,
    outlines: [Float64Array.of(10, 10, 190, 10, 190, 90, 10, 90)],
    seams: [{ x: 100, y: 50, value: 2 }],
    stars: [],
    noise: [],
  },
};

test.each(LANGUAGES)('%s: figures, pictures, nothing that runs or comes from elsewhere', (language) => {
  const messages = createMessages(language);
  const page = htmlReport(report, messages);
  expect(page).toContain(`lang="${language}"`);
  expect(page).not.toMatch(/<script|src=|href=|report_html_/);
  expect(page).toContain('&lt;script&gt;');
  expect(page).toContain('<td>a.fit</td><td>–</td>');
  expect(page).toContain(`<td>b.fit</td><td>44 ${messages.number(0.147, 3)} (A&lt;S&gt;TAP)</td>`);
  for (const value of [0.123, 1.25, 2.5, 0.75, 0.985, 1.015, -0.022])
    expect(page).toContain(messages.number(value, 3));
  expect(page).toContain('polygon points="28.0,252.0 532.0,252.0 532.0,28.0 28.0,28.0"');
  expect(page).toContain('<circle cx="280.0" cy="140.0" r="3.5" fill="rgb(214,39,40)"/>');
});

test('dots go from blue over grey to red, no further, and what is no number is white', () => {
  const values = [-9, -1, -0.5, 0, 0.5, 1, 9, NaN];
  const svg = svgMap(
    10,
    10,
    [],
    values.map((value) => ({ x: 0, y: 0, value })),
  );
  expect([...svg.matchAll(/fill="(rgb[^"]*|#fff)"/g)].map(([, colour]) => colour)).toEqual([
    'rgb(31,90,200)',
    'rgb(31,90,200)',
    'rgb(101,130,185)',
    'rgb(170,170,170)',
    'rgb(192,105,105)',
    'rgb(214,39,40)',
    'rgb(214,39,40)',
    '#fff',
  ]);
});
