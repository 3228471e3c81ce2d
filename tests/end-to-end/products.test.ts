// The products on request: 16-bit copies and tile-compressed science images of whole runs.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openFits } from '../../src/fits/open-fits.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
const input = () => path.join(folder(), 'session');
const output = (name: string) => path.join(folder(), name);
const science = (name: string) => path.join(output(name), 'night_science.fits');

beforeAll(async () => {
  await makeSmallSession(input(), { panels: [1, 1], subs: 3, size: [128, 160], extras: false });
  await run({ input_dir: input(), output_dir: output('plain'), output_name: 'night' });
});

describe('products on request', () => {
  it('a folder of someone else under the name of the tiles is told of before anything is read', async () => {
    await mkdir(path.join(output('taken'), 'night_hips'), { recursive: true });
    const taken = run({
      input_dir: path.join(folder(), 'no such session'),
      output_dir: output('taken'),
      output_name: 'night',
      save_hips: 'png',
    });
    await expect(taken).rejects.toMatchObject({ code: 'output_tree_not_ours' });
  });

  it('16-bit FITS, TIFF and PNG stand beside the science image, all under the name asked for', async () => {
    const { report } = await run({
      input_dir: input(),
      output_dir: output('sixteen'),
      output_name: 'night',
      save_final_as_uint16: true,
      save_tiff16: true,
      save_png16: true,
      save_html_report: true,
      save_hips: 'png',
      export_aesthetic_fits: true,
      export_aesthetic_tiff: true,
      export_aesthetic_png: true,
    });
    const files = await filesBelow(output('sixteen'));
    expect(
      files.filter((file) =>
        /^night_hips\/(properties|Norder3\/Allsky.png|Norder\d+\/Dir\d+\/Npix\d+.png)$/.test(file),
      ).length,
    ).toBeGreaterThan(5);
    expect(files.filter((file) => !file.startsWith('night_hips/'))).toEqual([
      'night.png',
      'night.tif',
      'night_aesthetic.fits',
      'night_aesthetic.png',
      'night_aesthetic.tif',
      'night_preview.png',
      'night_report.html',
      'night_science.fits',
      'night_viewer.fits',
      'run-report.json',
    ]);
    expect(report.outputs.map(({ kind }) => kind).sort()).toEqual(
      [
        'aesthetic_fits',
        'aesthetic_png',
        'aesthetic_tiff',
        'hips',
        'html_report',
        'png16',
        'preview',
        'science',
        'tiff16',
        'uint16',
      ].sort(),
    );
    const beautiful = await openFits(path.join(output('sixteen'), 'night_aesthetic.fits'));
    expect(beautiful.hdus[0].header.getString('ZMROLE')).toBe('AESTHETIC');
    await beautiful.close();
    const { black_point } = report.aesthetic!;
    const pretty = await readPlane(path.join(output('sixteen'), 'night_aesthetic.fits'), 1);
    const plain = await readPlane(path.join(output('sixteen'), 'night_science.fits'), 1);
    // green keeps its scale, so what is left between the two is smooth: the surface, and the step to the common sky
    const taken = Array.from(plain.data, (v, i) => v - pretty.data[i]).filter((v) => !Number.isNaN(v));
    const spread = Math.max(...taken) - Math.min(...taken);
    expect(spread).toBeLessThan(1.5 * Math.max(1, report.aesthetic!.background!.removed_adu[1]));
    expect(Math.min(...taken)).toBeLessThan(black_point!.sky_adu[1] - black_point!.pedestal_adu + spread);
    const page = await readFile(path.join(output('sixteen'), 'night_report.html'), 'utf8');
    expect(page.match(/<polygon/g)).toHaveLength(3 * 3);
    for (const { path: frame } of report.product!.frames) expect(page).toContain(path.basename(frame));
    const viewer = path.join(output('sixteen'), 'night_viewer.fits');
    const fits = await openFits(viewer);
    const [black, white] = ['ZMBLACK', 'ZMWHITE'].map((key) => fits.hdus[0].header.getNumber(key)!);
    await fits.close();
    const [counts, values] = [await readPlane(viewer, 1), await readPlane(science('plain'), 1)];
    const step = (white - black) / 65534;
    for (let i = 0; i < values.data.length; i++) {
      if (Number.isNaN(values.data[i])) expect(counts.data[i]).toBe(0);
      else {
        const decoded = black + (counts.data[i] - 1) * step;
        expect(Math.abs(decoded - values.data[i])).toBeLessThanOrEqual(0.51 * step + 1e-3);
      }
    }
  });

  it.each([
    ['gzip', 0],
    ['rice', 3],
  ] as const)(
    '%s: the compressed science image holds the values of the plain one',
    async (codec, tolerance) => {
      await run({
        input_dir: input(),
        output_dir: output(codec),
        output_name: 'night',
        output_compression: codec,
      });
      const fits = await openFits(science(codec));
      const hdu = fits.hdus.find(({ kind }) => kind === 'compressed-image')!;
      expect(hdu.header.get('NFRAMES')).toBe(3);
      await fits.close();
      const plain = await readPlane(science('plain'), 2);
      const packed = await readPlane(science(codec), 2, hdu.name);
      for (let i = 0; i < plain.data.length; i++) {
        if (Number.isNaN(plain.data[i])) expect(packed.data[i]).toBeNaN();
        else expect(Math.abs(packed.data[i] - plain.data[i])).toBeLessThanOrEqual(tolerance);
      }
    },
  );

  it('the header says when flux was scaled by coverage, and only then', async () => {
    await run({
      input_dir: input(),
      output_dir: output('two'),
      output_name: 'night',
      two_pass_coverage_renorm: true,
    });
    const history = async (name: string) => {
      const fits = await openFits(science(name));
      const lines = fits.hdus[0].header.lines('HISTORY').join('\n');
      await fits.close();
      return lines;
    };
    expect(await history('two')).toContain('stage two_pass: host; flux scaled by coverage');
    expect(await history('plain')).not.toContain('two_pass');
  });

  it('a second pass that finds nothing significant says so, and leaves every value as it is', async () => {
    const { report } = await run({
      input_dir: input(),
      output_dir: output('second'),
      output_name: 'night',
      two_pass_residuals: 'auto',
    });
    expect(report.two_pass?.largest_adu).toEqual([0, 0, 0]);
    expect(report.notices).toContainEqual(expect.objectContaining({ code: 'pipeline_two_pass_nothing' }));
    expect(await readPlane(science('second'), 1)).toEqual(await readPlane(science('plain'), 1));
    const fits = await openFits(science('second'));
    expect(fits.hdus[0].header.lines('HISTORY').join('\n')).toContain('nothing significant at the edges');
    await fits.close();
  });
});
