// The headless Chromium that comes from npm, one for all tests; nothing is downloaded.
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';

/**
 * Starts it with the browser's own rules in force: the package's list of arguments is not taken, it turns the same-origin policy off.
 * `--no-sandbox` is for containers, where the tests run as root.
 */
export async function startBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'],
    headless: true,
  });
}

/** Generous: other tests may have the machine. */
export const PATIENCE = 60_000;

/** The browser, or undefined with a word on why; in CI there is no without. */
export async function browserOrSkip(): Promise<Browser | undefined> {
  try {
    return await startBrowser();
  } catch (error) {
    if (!['', '0', 'false'].includes(process.env.CI ?? '')) throw error;
    process.stderr.write(`browser tests skipped: ${String(error)}\n`);
    return undefined;
  }
}

/** Chooses a folder by the card of that number in the first view. */
export async function chooseFolder(page: Page, card: number, dir: string): Promise<void> {
  await page.locator('.folder-card').nth(card).click();
  await page.locator('.folder-list li').first().waitFor();
  await page.locator('#folder-path').fill(dir);
  await page.locator('dialog footer .primary').click();
  await page.locator('dialog').waitFor({ state: 'detached' });
}
