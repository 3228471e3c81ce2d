// A disk that another program fills while a run of the window is at work: a file system of its own, mounted for the test where that is allowed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSession } from '../../src/demo/make-session.js';
import { browserOrSkip, chooseFolder, PATIENCE } from './browser.js';
import { startWindow, type WindowProcess } from './window-process.js';

const browser = await browserOrSkip();
const home = await mkdtemp(path.join(tmpdir(), 'zemosaic-full-'));
const disk = path.join(home, 'disk');
await mkdir(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', disk]).status === 0;
if (!mounted) process.stderr.write('test of a full disk skipped: no file system may be mounted here\n');

describe.skipIf(!browser || !mounted)('a disk that fills during a run', { timeout: 2 * PATIENCE }, () => {
  let window: WindowProcess;
  let page: Page;
  const [out, mine, filler] = ['out', 'notes.txt', 'other-program.bin'].map((name) => path.join(disk, name));

  beforeAll(async () => {
    await makeSession(path.join(home, 'session'), {
      panels: [2, 2],
      subs: 3,
      size: [240, 320],
      extras: false,
    });
    await mkdir(out);
    await writeFile(mine, 'mine');
    window = await startWindow(home);
    await window.json('config/save', {
      path: '',
      // By the slow reference, in many cells: there is time to fill the disk.
      values: {
        backend: 'reference',
        cell_size_px: 64,
        input_dir: path.join(home, 'session'),
        output_dir: out,
      },
    });
    page = await browser!.newPage({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(window.url);
  }, PATIENCE);
  afterAll(async () => {
    await window?.close();
    await page?.close();
    await browser?.close();
    if (mounted) spawnSync('umount', ['-l', disk]);
    await rm(home, { recursive: true, force: true });
  });

  /** Takes all the room that there is, as another program would. */
  async function fill(): Promise<void> {
    const handle = await open(filler, 'a');
    try {
      for (const size of [2 ** 20, 4096, 1]) {
        const chunk = Buffer.alloc(size, 1);
        for (;;) await handle.write(chunk);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await handle.close();
    }
  }

  it('ends the run with the reason and the remedy on the page; what is the user’s stays, and the run can go on', async () => {
    await page.locator('footer .primary').click();
    await page
      .locator('.counters dd')
      .nth(2)
      .filter({ hasText: /^[1-9]/ })
      .waitFor();
    await fill();
    await page.getByRole('heading', { name: 'The run failed' }).waitFor();
    const told = await page.locator('.issue[role=alert]').innerText();
    expect(told).toMatch(/disk .*full/);
    expect(told).toMatch(/make room|Free some space/);
    expect(await readFile(mine, 'utf8')).toBe('mine');
    expect(existsSync(filler)).toBe(true);
    expect(existsSync(path.join(out, 'zemosaic_science.fits'))).toBe(false);
    const report = JSON.parse(await readFile(path.join(out, 'run-report.json'), 'utf8')) as object;
    expect(report).toMatchObject({ outcome: 'error' });

    await rm(filler);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Show the mosaic' }).click();
    await page.locator('.viewer canvas').waitFor();
    const left = await readdir(out);
    expect(left.filter((name) => /\.dat|mosaic_first|state|journal|lock|reserve/.test(name))).toEqual([]);
  });

  it('is refused before it begins where the plan already says that there is no room', async () => {
    await fill();
    await page.locator('nav button').first().click();
    await chooseFolder(page, 1, path.join(disk, 'out'));
    await page.locator('footer .primary').click();
    const toast = page.locator('.toast.error');
    await toast.first().waitFor();
    expect(await toast.first().innerText()).toMatch(/too full/);
    await rm(filler);
  });
});
