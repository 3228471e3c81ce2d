// The headless Chromium that comes from npm, one for all tests; nothing is downloaded.
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';

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
